"""Stories of sources: a write key that is shown once, and what was rejected with its reason, taken again."""

from __future__ import annotations

from playwright.async_api import expect

from tests.api.console.axe import faults_as_it_stands, settled, violations


async def test_a_source_is_made_and_what_it_rejects_is_shown_with_its_reason(api, open_page):
    async with open_page("/ops/sources", role="admin", viewport={"width": 375, "height": 812}) as page:
        await page.get_by_label("Name").fill("website")
        await page.get_by_role("button", name="Make a source").click()
        key = await page.locator(".secret").inner_text()
        messages = [
            {"type": "track", "event": "Signed Up", "userId": "ada", "messageId": "1"},
            {"type": "track", "event": "Of nobody", "messageId": "2"},
        ]
        answer = await api.http.post("/v1/batch", json={"batch": messages}, auth=(key, ""))
        assert answer.status_code == 200, answer.text
        await page.reload()
        await page.get_by_role("link", name="website").click()
        await expect(
            page.get_by_role("region", name="Rejected messages").locator(".entries > li")
        ).to_have_count(1)
        source = (await api.get("/api/sources"))["items"][0]["id"]
        (rejected,) = (await api.get(f"/api/sources/{source}/rejected"))["items"]
        await expect(
            page.get_by_role("region", name="Rejected messages").locator(".entries > li")
        ).to_contain_text(rejected["errors"][0]["detail"])
        assert key not in await page.content()
        await settled(page)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        await page.get_by_role("button", name="Take it again").click()
        await expect(page.locator(".toast")).to_contain_text("still wrong stay")
        await expect(
            page.get_by_role("region", name="Rejected messages").locator(".entries > li")
        ).to_have_count(1)


async def test_a_mapping_is_mended_and_what_was_rejected_is_taken_and_arrives_live(api, open_page):
    made = (
        await api.http.post("/api/sources", json={"name": "shop", "events": {"Signed Up": "signup"}})
    ).json()

    async def send(number):
        message = {
            "type": "track",
            "event": "Paid",
            "messageId": str(number),
            "properties": {"buyer": "ada@acme.io"},
        }
        answer = await api.http.post("/v1/batch", json={"batch": [message]}, auth=(made["writeKey"], ""))
        assert answer.status_code == 200

    await send(1)
    async with open_page(f"/ops/sources/{made['id']}", role="admin") as page:
        await expect(page.get_by_role("button", name="Take it again")).to_be_visible()
        await page.get_by_role("button", name="Change the mapping").click()
        await page.get_by_label("Event of the sender").nth(1).fill("Signed Up")
        await expect(page.get_by_text("Signed Up stands here twice.")).to_have_count(0)
        await page.get_by_label("Type here").nth(1).fill("deal.won")
        await expect(page.get_by_text("Signed Up stands here twice.")).to_be_visible()
        await expect(page.get_by_role("button", name="Save the mapping")).to_be_disabled()
        await page.get_by_label("Event of the sender").nth(1).fill("Paid")
        await page.get_by_role("button", name="One more of Identifiers").click()
        await page.get_by_label("Kind").select_option("email")
        await page.get_by_label("Path in the message").fill("properties.buyer")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Save the mapping").click()
        await expect(page.locator(".toast")).to_contain_text("Changed.")
        await api.authenticator.context.keyring.refresh()
        await page.get_by_role("button", name="Take it again").click()
        await expect(page.get_by_text("Taken now: 1.")).to_be_visible()
        arrived = page.get_by_role("region", name="Arriving now").locator("li")
        await expect(arrived.first).to_contain_text("deal.won")
        await send(2)
        await expect(arrived).to_have_count(2)
        await page.get_by_role("link", name="All live events of it").click()
        await expect(page.get_by_label("Source")).to_have_value("shop")
        await expect(page.locator(".tail > li")).to_have_count(2)
        await page.go_back()
        await page.get_by_role("button", name="New write key").click()
        await page.get_by_role("button", name="Make it").click()
        await expect(page.locator(".secret")).to_be_visible()
        assert await page.locator(".secret").inner_text() != made["writeKey"]
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Delete it").click()
        await expect(page.get_by_text("No source yet.")).to_be_visible()

"""Stories of sources: a write key that is shown once, and what was rejected with its reason, taken again."""

from __future__ import annotations

from playwright.async_api import expect

from tests.api.console.axe import settled, violations


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
        await expect(page.locator(".entries > li")).to_have_count(1)
        source = (await api.get("/api/sources"))["items"][0]["id"]
        (rejected,) = (await api.get(f"/api/sources/{source}/rejected"))["items"]
        await expect(page.locator(".entries > li")).to_contain_text(rejected["errors"][0]["detail"])
        assert key not in await page.content()
        await settled(page)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        await page.get_by_role("button", name="Take it again").click()
        await expect(page.locator(".toast")).to_contain_text("still wrong stay")
        await expect(page.locator(".entries > li")).to_have_count(1)

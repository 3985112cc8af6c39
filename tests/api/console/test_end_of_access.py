"""The team screen asks what becomes of the leads of somebody whose access ends."""

from __future__ import annotations

from playwright.async_api import expect


async def test_the_end_of_access_asks_what_becomes_of_open_leads(api, ada, open_page):
    async with api.signed_in("rep", "ben@example.com") as ben:
        person_id = ben.person.person_id
        await api.http.put("/api/leads/ada/owner", json={"ownerId": person_id})
        await api.work()
        async with open_page("/team", role="admin") as page:
            await page.get_by_role("button", name="End access of Rep").click()
            dialog = page.get_by_role("dialog", name="Rep has open leads or tasks")
            await expect(dialog).to_be_visible()
            assert (await api.get(f"/api/people/{person_id}"))["active"]
            await dialog.get_by_label("They go to").select_option(label="nobody")
            await dialog.get_by_label("Why").fill("Ben has left")
            await dialog.get_by_role("button", name="End access").click()
            await expect(page.get_by_text("Rep has no access any more.").last).to_be_visible()
            await expect(dialog).to_be_hidden()
    assert not (await api.get(f"/api/people/{person_id}"))["active"]
    handed = await api.get(f"/api/people/{person_id}/hand-over")
    assert (handed["to"], handed["why"]) == ("nobody", "Ben has left")

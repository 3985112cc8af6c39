"""Stories of identity: a possible duplicate is merged with a reason, the history tells it, and it is undone; another is dismissed."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands


@pytest.fixture
async def pairs(api):
    """Two pairs of known leads that an event was of."""
    for name, phone in (("ada", "+4930123456"), ("bob", "+4930123457")):
        for event in (
            {"leadId": name, "type": "signup", "identifiers": {"email": f"{name}@example.com"}},
            {"leadId": f"{name}-2", "type": "demo_request", "identifiers": {"phone": phone}},
            {
                "leadId": name,
                "type": "lead.updated",
                "properties": {"name": name.title(), "company": "ACME"},
                "identifiers": {"email": f"{name}@example.com", "phone": phone},
            },
        ):
            await api.store(event)
    await api.work()


async def test_a_pair_is_merged_with_a_reason_told_by_the_history_and_undone(api, pairs, open_page):
    async with open_page("/duplicates", role="rep", viewport=PHONE_SIZE) as page:
        await expect(page.locator(".duplicate")).to_have_count(2)
        await expect(page.get_by_text("An event of ada has the telephone number of ada-2.")).to_be_visible()
        await expect(page.get_by_text("Ada, ACME")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="They are two people bob and bob-2").click()
        await expect(page.locator(".duplicate")).to_have_count(1)

        await page.get_by_role("button", name="Merge them ada and ada-2").click()
        await page.get_by_label("Why they are one person").fill("told us on the phone")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Merge them", exact=True).click()
        await expect(page.get_by_text("Nobody seems to be here twice.")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        assert (await api.get("/api/leads/ada-2"))["leadId"] == "ada"

        await page.set_viewport_size(DESK)
        await page.goto("/console/leads/ada-2")
        await expect(page).to_have_url("/console/leads/ada")
        merged = page.get_by_role("region", name="One lead with")
        await expect(merged).to_contain_text("ada-2")
        await expect(merged).to_contain_text("told us on the phone")
        await expect(page.locator(".time")).to_contain_text("ada-2 became part of it: told us on the phone")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Undo the merge with ada-2").click()
        await page.get_by_label("Why they are two").fill("father and daughter")
        await page.get_by_role("button", name="Undo the merge", exact=True).click()
        await expect(page.locator(".time")).to_contain_text("ada-2 is no longer part of it")
        await expect(page.get_by_role("button", name="Undo the merge with ada-2")).to_have_count(0)
        assert (await api.get("/api/leads/ada-2"))["leadId"] == "ada-2"


async def test_a_lead_is_merged_with_the_one_of_an_address_and_z_undoes_it(api, pairs, open_page):
    async with open_page("/leads/bob-2", role="rep") as page:
        await page.get_by_role("button", name="Merge with another lead").click()
        await page.get_by_label("The other lead").fill("nobody@example.com")
        await page.get_by_role("button", name="Go on").click()
        await expect(page.locator(".toast.failed")).to_contain_text("No lead has this")
        await page.get_by_label("The other lead").fill("bob@example.com")
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_label("bob", exact=True).check()
        await page.get_by_label("Why they are one person").fill("same desk")
        await page.get_by_role("button", name="Merge them").click()
        await expect(page).to_have_url("/console/leads/bob")
        await expect(page.get_by_role("region", name="One lead with")).to_contain_text("bob-2")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("two leads again")
        assert (await api.get("/api/leads/bob-2"))["leadId"] == "bob-2"


async def test_viewers_see_pairs_and_cannot_merge_them(pairs, open_page):
    async with open_page("/duplicates", role="viewer") as page:
        await expect(page.locator(".duplicate")).to_have_count(2)
        await expect(page.get_by_role("button", name="Merge them")).to_have_count(0)

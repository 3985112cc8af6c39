"""The story of a campaign: a draft is written, estimated, started for the audience that was seen, and followed to its leads."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands
from workflows.work.loops import drain


@pytest.fixture
async def fair(api):
    """A lead with an address and one without, both with the tag."""
    await api.store({"leadId": "ada", "type": "lead.updated", "properties": {"email": "ada@example.com"}})
    for lead in ("ada", "mute"):
        await api.store({"leadId": lead, "type": "tag.added", "properties": {"tag": "fair"}})
    await api.work()


async def work(api):
    """Do what is due, and what is due soon after that."""
    await drain(api.runtime)
    api.wait(minutes=1)
    await drain(api.runtime)


async def test_a_campaign_is_written_estimated_started_and_followed_to_its_leads(api, fair, open_page):
    async with open_page("/campaigns", role="admin", viewport=DESK) as page:
        await expect(page.get_by_text("No campaign yet.")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("link", name="New campaign").click()
        await page.get_by_label("Name", exact=True).fill("After the fair")
        await page.get_by_label("Subject").fill("Thank you")
        await page.get_by_label("Text", exact=True).fill("Hello {{firstName}}")
        await page.get_by_label("Tag", exact=True).fill("fair")
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_role("alert")).to_contain_text("{{firstName|...}}")
        await page.get_by_label("Text", exact=True).fill("Hello {{firstName|there}}")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_text("Sends “Thank you” by e-mail to leads with tag fair.")).to_be_visible()

        await page.get_by_role("button", name="Estimate the audience").click()
        await expect(page.get_by_role("button", name="Estimate again")).to_be_disabled()
        await work(api)
        await expect(page.get_by_text("2 leads, of which 1 would get it.")).to_be_visible()
        await expect(page.get_by_role("row", name="no address is known 1")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Start for 1 lead").click()
        await page.get_by_role("dialog").get_by_role("button", name="Start for 1 lead").click()
        await page.get_by_role("button", name="Pause").click()
        await page.get_by_label("Why, if it helps").fill("a typo")
        await page.get_by_role("button", name="Pause it").click()
        await expect(page.get_by_role("listitem").filter(has_text="Paused by Admin: a typo")).to_be_visible()
        await page.get_by_role("button", name="Resume").click()
        await page.get_by_role("button", name="Let it go on").click()
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        await work(api)
        await expect(page.get_by_text("Finished: everybody had their turn")).to_be_visible()
        await page.get_by_role("link", name="1 leads: Got nothing").click()
        leads = page.get_by_role("region", name="Leads: got nothing")
        await expect(leads.get_by_role("row", name="mute")).to_contain_text("no address is known")
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []


async def test_a_campaign_that_is_not_there_is_a_failure_in_words(open_page):
    async with open_page("/campaigns/none", role="viewer") as page:
        await expect(page.get_by_role("alert").first).to_contain_text("none")
        await page.goto("/console/campaigns/new")
        await expect(page.get_by_text("Campaigns are written by admins.")).to_be_visible()

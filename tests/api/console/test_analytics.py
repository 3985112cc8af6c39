"""The story of numbers: a sequence has a row, a number opens its leads, a part of it fewer, and a lead its page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands
from tests.workflows.analytics.conftest import Leads
from workflows.analytics.project import follow_results


@pytest.fixture
async def story(api):
    """One lead that answered a message of a sequence, and one whose message was withheld for two reasons."""
    leads = Leads(api.runtime)
    for lead in ("ada", "eve"):
        await leads.hears(lead, "signup")
    first = await leads.writes_to("ada", 90, "welcome@1/1/short")
    await leads.hears("ada", "email.delivered", 89, messageId=first)
    reply = await leads.hears("ada", "message.received", 40, channel="email")
    await leads.says("ada", "reply.classified", 40, replyId=reply, intent="interested")
    stopped = await leads.plans("eve")
    reasons = [{"code": "suppressed"}, {"code": "replied"}]
    await leads.says("eve", "message.withheld", 10, messageId=stopped, reasons=reasons)
    said = {"sequence": "welcome@1", "step": "1", "does": "send", "messageId": stopped}
    await leads.says("eve", "sequence.step_done", 10, **said)
    await api.work()
    await follow_results(api.runtime)


async def test_a_number_opens_its_leads_and_each_of_its_reasons_those_of_that_reason(api, story, open_page):
    async with open_page("/analytics", role="rep", viewport=DESK) as page:
        row = page.get_by_role("row", name="welcome@1")
        await expect(row.get_by_role("link", name="1: Replied, welcome@1")).to_be_visible()
        await row.get_by_role("link", name="1: Withheld, welcome@1").click()
        behind = page.get_by_role("region", name="Withheld: welcome@1")
        await expect(behind.get_by_role("row", name="eve")).to_contain_text("on the suppression list")
        await behind.get_by_role("link", name="replied meanwhile 1").click()
        await expect(behind.get_by_role("link", name="eve")).to_be_visible()
        await expect(page).to_have_url(re.compile("reason=replied"))
        assert await faults_as_it_stands(page) == []
        href = await page.get_by_role("link", name="As CSV").get_attribute("href")
        assert href.startswith("/api/outreach/analytics.csv?by=sequence&from=")
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []

        await page.set_viewport_size(DESK)
        await page.get_by_role("link", name="Variant", exact=True).click()
        await expect(page.get_by_role("link", name="Sequence", exact=True)).not_to_have_attribute(
            "aria-current", "page"
        )
        await page.get_by_role("link", name="1: Replied, welcome@1 · 1 · short").click()
        behind = page.get_by_role("region", name="Replied: welcome@1 · 1 · short")
        await expect(behind).to_contain_text("replied (Interested)")
        assert await faults_as_it_stands(page) == []
        await behind.get_by_role("link", name="ada").click()
        await expect(page.get_by_role("heading", name="ada", level=1)).to_be_visible()
        await page.goto("/console/analytics?by=campaign")
        await expect(page.get_by_text("No message in the last 90 days")).to_be_visible()
        assert await faults_as_it_stands(page) == []

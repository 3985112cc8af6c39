"""Stories of sequences: one is written and activated, a lead enrolled and stopped by key, and its leads are listed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands

ONE = """\
name: welcome
version: 1
description: Two e-mails after a sign-up.
steps:
  - {send: email, id: hello, subject: Hi, text: "Hello {{firstName|there}}"}
  - {wait: {days: 2}}
  - {addTag: welcomed, id: tag}
"""


@pytest.fixture
async def welcome(api):
    """The sequence is active, and there is a lead that can be written to."""
    answer = await api.http.post("/api/sequences/activate", json={"text": ONE})
    assert answer.status_code == 200, answer.text
    properties = {"email": "ada@example.com", "firstName": "Ada"}
    await api.store({"leadId": "ada", "type": "lead.updated", "properties": properties})
    await api.work()


async def test_a_sequence_is_written_with_its_faults_by_line_and_activated(api, open_page):
    async with open_page("/sequences", viewport=DESK) as page:
        await expect(page.get_by_text("No sequence yet")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("link", name="Write a sequence").click()
        await expect(page.get_by_text("Valid: welcome@1.")).to_be_visible()
        text = page.get_by_label("Sequence in YAML")
        right = await text.input_value()
        await text.fill(right.replace("- wait:", "- wiat:"))
        line = next(n for n, one in enumerate(right.split("\n"), 1) if "- wait:" in one)
        await expect(page.locator(".numbers .faulty")).to_have_text(str(line))
        await expect(page.get_by_role("button", name=re.compile("^Activate"))).to_be_disabled()
        assert await faults_as_it_stands(page) == []
        await text.fill(right)
        await page.get_by_role("button", name="Activate welcome@1").click()
        dialog = page.get_by_role("dialog", name="Activate welcome@1?")
        await dialog.get_by_role("button", name="Activate welcome@1").click()
        await expect(page.get_by_role("heading", name="welcome 1", level=1)).to_be_visible()
        await expect(page.get_by_text("Active: leads are enrolled")).to_be_visible()
    (listed,) = (await api.get("/api/sequences"))["items"]
    assert listed["active"]


async def test_a_lead_is_enrolled_and_stopped_by_key_and_is_among_the_leads_of_the_sequence(
    api, welcome, open_page
):
    async with open_page("/leads/ada", role="rep", viewport=DESK) as page:
        await expect(page.get_by_text("Nothing by itself")).to_be_visible()
        await page.keyboard.press("b")
        dialog = page.get_by_role("dialog", name="Enrol ada")
        await dialog.get_by_label("Why").fill("asked at the fair")
        await dialog.get_by_role("button", name="Enrol").click()
        calendar = page.get_by_role("region", name="Calendar of welcome@1")
        await expect(calendar.get_by_role("listitem")).to_have_count(3)
        await expect(calendar).to_contain_text("E-mail “Hi”")
        await expect(calendar).to_contain_text("asked at the fair")
        assert await faults_as_it_stands(page) == []

        await calendar.get_by_role("link", name="welcome 1").click()
        await expect(page.get_by_role("link", name="ada", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Activate")).to_have_count(0)
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("link", name="Sequences", exact=True).first.click()
        await expect(page.get_by_role("link", name="1 leads are in it now")).to_be_visible()
        assert await faults_as_it_stands(page) == []

        await page.set_viewport_size(DESK)
        await page.goto("/console/leads/ada")
        await expect(page.get_by_role("heading", name="ada", level=1)).to_be_visible()
        await page.keyboard.press("d")
        dialog = page.get_by_role("dialog", name="Stop a sequence for ada")
        await dialog.get_by_label("Why").fill("called instead")
        await dialog.get_by_role("button", name="Stop it").click()
        await expect(page.get_by_text("Nothing by itself")).to_be_visible()
        await page.get_by_text("Was in 1 sequence before").click()
        await expect(page.get_by_text("stopped by hand")).to_be_visible()
    (over,) = (await api.get("/api/sequences/welcome/1/enrolments", active="false"))["items"]
    assert (over["leadId"], over["ended"]) == ("ada", "manual")


async def test_a_sequence_that_is_not_there_is_a_failure_in_words(open_page):
    async with open_page("/sequences/nobody/7", role="viewer") as page:
        await expect(page.get_by_role("alert").first).to_contain_text("nobody@7")
        await page.goto("/console/sequences/draft")
        await expect(page.get_by_text("Sequences are written by admins.")).to_be_visible()

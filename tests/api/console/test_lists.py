"""The list of leads: saved views, tags, columns, and changes of many leads at once, with what became of each."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect


@pytest.fixture
async def leads(api, ada):
    """Four leads, best first: ada, bob, cem, dan; bob and dan have been at the fair."""
    for lead_id, name in (("bob", "demo_request"), ("cem", "signup"), ("dan", "download")):
        await api.store({"leadId": lead_id, "type": name, "occurredAt": api.at()})
    for lead_id in ("bob", "dan"):
        await api.store({"leadId": lead_id, "type": "tag.added", "properties": {"tag": "fair"}})
    await api.work()


def rows(page):
    return page.locator(".leads tbody tr")


async def test_a_tag_is_a_filter_and_a_filter_is_saved_as_a_view_that_others_can_open(leads, api, open_page):
    async with open_page("/leads", role="rep") as page:
        await expect(rows(page)).to_have_count(4)
        await page.keyboard.press("f")
        await page.get_by_role("textbox", name="Tag").fill("fair")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(rows(page)).to_have_count(2)
        await expect(page).to_have_url(re.compile("tag=fair"))
        await page.get_by_role("button", name="Save as a view").click()
        await page.get_by_label("Name").fill("At the fair")
        await page.get_by_label("Who sees it").select_option(label="Everyone")
        await page.get_by_role("button", name="Save the view").click()
        await expect(page.get_by_role("link", name="At the fair")).to_have_attribute("aria-current", "page")
        async with open_page("/leads", role="viewer") as other:
            await other.get_by_role("link", name="At the fair").click()
            await expect(rows(other)).to_have_count(2)
            await expect(other.get_by_role("button", name="Delete view")).to_have_count(0)
        await page.get_by_role("button", name="Score", exact=False).first.click()
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.locator(".toast")).to_contain_text("At the fair is changed")
        await page.get_by_role("button", name="Delete view").click()
        await expect(page.get_by_role("link", name="At the fair")).to_have_count(0)
        await page.keyboard.press("z")
        await expect(page.get_by_role("link", name="At the fair")).to_be_visible()


async def test_columns_are_chosen_and_are_part_of_the_address(leads, open_page):
    async with open_page("/leads") as page:
        await expect(rows(page)).to_have_count(4)
        await page.get_by_role("button", name="Columns").click()
        await page.get_by_role("checkbox", name="Tags").check()
        await page.get_by_role("checkbox", name="Risk").uncheck()
        await expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
        await expect(page.get_by_role("columnheader", name="Risk")).to_have_count(0)
        await expect(page).to_have_url(re.compile("columns="))
        await page.reload()
        await expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()


async def test_several_leads_get_a_tag_and_lose_it_by_z(leads, api, open_page):
    async with open_page("/leads", role="rep") as page:
        await expect(rows(page)).to_have_count(4)
        for key in "jxjx":
            await page.keyboard.press(key)
        await expect(page.get_by_text("2 selected")).to_be_visible()
        await page.get_by_role("button", name="Add a tag").click()
        await page.get_by_label("Tag", exact=True).last.fill("fair")
        await page.get_by_role("button", name="Add the tag").click()
        became = page.get_by_role("dialog", name="1 of 2 leads changed")
        await expect(became).to_contain_text("bob")
        await expect(became).to_contain_text("was so already")
        await api.work()
        assert (await api.get("/api/leads/ada"))["tags"] == ["fair"]
        await became.get_by_role("button", name="Close").click()
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("Taken back")
        await api.work()
        assert (await api.get("/api/leads/ada"))["tags"] == []
        assert (await api.get("/api/leads/bob"))["tags"] == ["fair"]


async def test_several_leads_are_assigned_but_for_those_of_somebody_else(leads, api, open_page):
    async with api.signed_in("rep", "eve@example.com") as eve:
        await api.http.put("/api/leads/bob/owner", json={"ownerId": eve.person.person_id})
        await api.work()
        async with open_page("/leads", role="rep") as page:
            await expect(rows(page)).to_have_count(4)
            await page.get_by_label("Select all that are shown").check()
            await page.keyboard.press("a")
            await page.get_by_role("button", name="Assign", exact=True).last.click()
            became = page.get_by_role("dialog", name="3 of 4 leads changed")
            await expect(became).to_contain_text("belongs to somebody else")
            await api.work()
            owner = (await api.get("/api/leads/ada"))["ownerId"]
            assert owner is not None
            assert (await api.get("/api/leads/bob"))["ownerId"] == eve.person.person_id
            await became.get_by_role("button", name="Close").click()
            await page.keyboard.press("z")
            await expect(page.locator(".toast")).to_contain_text("Taken back")
            await api.work()
            assert (await api.get("/api/leads/ada"))["ownerId"] is None


async def test_a_viewer_selects_nothing(leads, open_page):
    async with open_page("/leads", role="viewer") as page:
        await expect(rows(page)).to_have_count(4)
        await expect(page.get_by_role("checkbox", name="Select ada")).to_have_count(0)


async def test_a_person_is_found_by_e_mail_and_the_address_stays_out_of_the_page(api, open_page):
    await api.http.post(
        "/api/events", json={"identifiers": {"email": "ada@example.com"}, "type": "demo_request"}
    )
    await api.work()
    async with open_page("/leads") as page:
        await expect(rows(page)).to_have_count(1)
        lead = (await api.get("/api/leads"))["items"][0]["leadId"]
        await page.keyboard.press("/")
        await page.keyboard.type("ADA@example.com")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=lead, level=1)).to_be_visible()
        assert "example.com" not in page.url

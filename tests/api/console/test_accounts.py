"""Stories of accounts: a company is found, its score adds up person by person, and a lead leads to its company and back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands
from workflows.accounts.project import project_changes


@pytest.fixture
async def acme(api):
    """Three people of one company, a company of one person, and somebody of none."""
    for name, kind in (("ada", "demo_request"), ("bob", "signup"), ("eve", "page_view")):
        await api.store({"leadId": name, "type": kind, "identifiers": {"email": f"{name}@acme.com"}})
    await api.store({"leadId": "cem", "type": "signup", "identifiers": {"email": "cem@bees.io"}})
    await api.store({"leadId": "dan", "type": "signup"})
    await api.work()
    await project_changes(api.runtime)


def numbers(texts):
    return [round(100 * float(text)) for text in texts if text]


async def test_a_company_is_found_and_its_score_adds_up_person_by_person(api, acme, open_page):
    async with open_page("/accounts", role="rep", viewport=DESK) as page:
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("acme.com")
        assert await faults_as_it_stands(page) == []
        await page.get_by_label("Name or domain").fill("acm")
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(1)
        await expect(page).to_have_url(re.compile("find=acm"))
        await page.get_by_role("link", name="acme.com").click()

        said = await api.get("/api/accounts/domain:acme.com/intelligence")
        await expect(page.get_by_text(said["summary"])).to_be_visible()
        people = page.locator(".people tbody tr")
        await expect(people).to_have_count(3)
        columns = [
            numbers(await people.locator(f"td:nth-of-type({place})").all_inner_texts())
            for place in (1, 2, 3, 4)
        ]
        total = numbers(await page.locator(".people tfoot td").all_inner_texts())
        assert sum(columns[3]) == total[-1] == round(100 * said["score"])
        assert sum(map(sum, columns[:3])) == total[-1]
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []
        await page.set_viewport_size(DESK)
        await people.first.get_by_role("link").click()
        await page.get_by_role("link", name="acme.com").click()
        await expect(page).to_have_url("/console/accounts/domain%3Aacme.com")
        await page.go_back()
        await page.go_back()
        await page.go_back()
        await expect(page.get_by_label("Name or domain")).to_have_value("acm")


async def test_where_there_is_no_account_the_screens_say_what_makes_one(open_page):
    async with open_page("/accounts", viewport=PHONE_SIZE) as page:
        await expect(page.get_by_text("No account yet.")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.goto("/console/accounts?find=nowhere.com")
        await expect(page.get_by_text("No account whose name or domain")).to_be_visible()
        await page.goto("/console/accounts/domain:nowhere.com")
        await expect(page.get_by_role("alert")).to_contain_text("nowhere.com")
        assert await faults_as_it_stands(page) == []

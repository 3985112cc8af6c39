"""Stories of rules: read as words, compare, write a version with its faults shown by line, and activate it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in
from tests.api.console.axe import faults_of_screen
from workflows.rule_lab.background import work_on_previews
from workflows.rulebooks.activate import activate_rulebook


@pytest.fixture
async def back_to_classic(api):
    """Whatever is activated, `classic` is active again at the end."""
    yield
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))


def draft(page):
    return page.get_by_label("Rules in YAML")


async def test_rules_are_read_as_words_by_everybody_and_changed_by_admins(api, open_page):
    async with open_page("/rules", role="viewer") as page:
        await page.get_by_role("link", name="standard 2").first.click()
        await expect(page.get_by_role("heading", name="standard 2", level=1)).to_be_focused()
        await expect(page.get_by_role("cell", name="Requested a demo")).to_be_visible()
        await expect(page.get_by_role("button", name="Activate")).to_have_count(0)
        await expect(page.get_by_role("link", name="Write a new version")).to_have_count(0)
        await page.goto("/console/rules/draft")
        await expect(page.get_by_text("Rules are written by admins.")).to_be_visible()
        await expect(draft(page)).to_have_count(0)


async def test_two_versions_are_compared_in_words_and_as_text(open_page):
    async with open_page("/rules/compare?from=classic@2&to=standard@3") as page:
        words = page.get_by_role("region", name="What differs in words")
        await expect(words.locator(".plus", has_text="Looked at prices")).to_be_visible()
        text = page.get_by_role("region", name="What differs in the text")
        await expect(text.locator(".minus", has_text="name: classic")).to_be_visible()
        await expect(text.locator(".plus", has_text="name: standard")).to_be_visible()
        await page.get_by_role("button", name="Swap").click()
        await expect(text.locator(".plus", has_text="name: classic")).to_be_visible()
        await expect(page).to_have_url(re.compile("from=standard%403"))


async def test_faults_are_shown_by_line_while_one_types_and_lead_to_their_place(open_page):
    async with open_page("/rules/draft?from=classic@2") as page:
        await expect(page.get_by_text(re.compile("^Valid: 5 rules"))).to_be_visible()
        right = await draft(page).input_value()
        assert "version: 3" in right
        await draft(page).fill(right.replace("points: 30", "points: many"))
        line = next(n for n, text in enumerate(right.split("\n"), 1) if "points: 30" in text)
        await expect(page.locator(".numbers .faulty")).to_have_text(str(line))
        await expect(page.get_by_role("button", name=re.compile("^Activate"))).to_be_disabled()
        await page.get_by_role("button", name=f"line {line}").click()
        await expect(draft(page)).to_be_focused()
        selected = await draft(page).evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
        assert selected.startswith("points: many")


async def test_what_was_written_outlives_a_reload_and_is_discarded_on_request(open_page):
    async with open_page("/rules/draft?from=classic@2") as page:
        await expect(page.get_by_text(re.compile("^Valid"))).to_be_visible()
        beginning = await draft(page).input_value()
        await draft(page).press("Control+End")
        await page.keyboard.type("# mine")
        await page.reload()
        await expect(draft(page)).to_have_value(beginning + "# mine")
        await page.get_by_role("button", name="Discard what I wrote").click()
        await expect(draft(page)).to_have_value(beginning)


async def test_a_version_is_activated_after_it_said_what_happens(api, ada, open_page, back_to_classic):
    async with open_page("/rules/draft?from=classic@2", role="admin") as page:
        await expect(page.get_by_text(re.compile("^Valid"))).to_be_visible()
        text = (await draft(page).input_value()).replace("points: 30", "points: 40")
        await draft(page).fill(text)
        await expect(page.locator(".diff .plus ins", has_text="40").first).to_be_visible()
        await expect(page.get_by_role("region", name="The changes in words")).to_contain_text("30 -> 40")
        await page.get_by_role("button", name="Activate classic@3").click()
        dialog = page.get_by_role("dialog", name="Activate classic@3?")
        await expect(dialog).to_contain_text("of 1 lead is read by classic@3")
        await expect(dialog).to_contain_text("Automations do not fire")
        assert api.runtime.rulebook.label == "classic@2"
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="Activate classic@3").click()
        await dialog.get_by_role("button", name="Activate classic@3").click()
        await expect(page.get_by_role("heading", name="classic 3", level=1)).to_be_visible()
        await expect(page.get_by_text("Active: every lead")).to_be_visible()
        assert (await api.get("/api/leads/ada/intelligence"))["score"] == 75
        await page.get_by_role("link", name="Rules", exact=True).first.click()
        await expect(page.get_by_role("listitem").filter(has_text="classic@3")).to_contain_text("Admin")
        await page.goto("/console/rules/draft?from=classic@2")
        await expect(draft(page)).to_have_value(re.compile("version: 4"))


async def test_a_draft_is_tried_on_history_published_with_a_note_and_rolled_back(
    api, ada, open_page, back_to_classic
):
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))
    async with open_page("/rules/draft?from=classic@2", role="admin") as page:
        await expect(page.get_by_text(re.compile("^Valid"))).to_be_visible()
        text = (await draft(page).input_value()).replace("points: 30", "points: 10")
        await draft(page).fill(re.sub("version: .*", "version: 7", text))
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_role("heading", name="Preview of classic@7")).to_be_visible()
        await expect(page.get_by_role("button", name="Publish classic@7")).to_be_disabled()
        await work_on_previews(api.runtime)
        await expect(page.locator(".big")).to_contain_text("0 move up and 1 down")
        await page.get_by_role("link", name=re.compile("^1 from")).click()
        await expect(page.get_by_role("heading", name=re.compile("^Leads that go from"))).to_be_visible()
        await expect(page.get_by_role("listitem").filter(has_text="ada").first).to_contain_text("→")
        assert await faults_of_screen(page, page.url.partition("/console")[2]) == []
        await page.get_by_role("button", name="Publish classic@7").click()
        await page.get_by_label("Why this change").fill("Demos are cheap.")
        await page.get_by_role("dialog").get_by_role("button", name="Publish classic@7").click()
        await expect(page.get_by_text("Active: every lead")).to_be_visible()
        assert api.runtime.rulebook.label == "classic@7"
        await page.goto("/console/rules")
        await expect(page.get_by_role("link", name="classic@7 instead of classic@2")).to_be_visible()
        await page.get_by_role("button", name="Roll back").click()
        await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        await expect(page.locator(".toast")).to_contain_text("classic@2 is active again")


async def test_the_best_leads_are_tried_under_other_rules(api, ada, open_page):
    other = (await api.get("/api/leads/ada/intelligence", rulebook="standard@3"))["score"]
    async with open_page("/rules/standard/2") as page:
        await page.get_by_role("button", name="Try it on").click()
        row = page.get_by_role("row").filter(has_text="ada")
        await expect(row).to_contain_text("65.0")
        await expect(row).to_contain_text(f"{other:.1f}")
        await expect(page.get_by_text(re.compile("of the 1 lead would stand"))).to_be_visible()


async def test_a_rulebook_that_is_not_there_is_a_failure_in_words(open_page):
    async with open_page("/rules/nobody/7") as page:
        await expect(page.get_by_role("alert").first).to_contain_text("nobody@7")


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(ada, open_page):
    screens = ("/rules", "/rules/standard/2", "/rules/compare?from=classic@2", "/rules/draft?from=classic@2")
    async with open_page("/rules") as page:
        for path in screens:
            assert await faults_of_screen(page, path) == [], path


async def test_on_the_phone_other_screens_are_under_more(open_page):
    async with open_page("/queue", viewport={"width": 375, "height": 812}) as page:
        await expect(page.get_by_role("link", name="Rules")).to_be_hidden()
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("link", name="Rules").click()
        await expect(page.get_by_role("heading", name="Rules", level=1)).to_be_visible()
        await expect(page.get_by_role("link", name="Team")).to_be_hidden()

"""Story 9, ops raises the points of a demo: who moves, how those ended that would have been alerted to, publish, and back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in
from tests.api.console.axe import DESK, PHONE_SIZE, faults_as_it_stands, faults_of_screen
from tests.api.console.pictures import picture
from tests.workflows.rule_lab.conftest import RULES, rules
from workflows.rule_lab.background import work_on_previews
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.shadow import follow_shadow, start_shadow
from workflows.rule_lab.start import Wanted, start_preview
from workflows.rulebooks.activate import activate_rulebook

WON, LEADS = 3, 5


@pytest.fixture
async def leads(api):
    """Five who asked for a demo, which is not enough to call them; three of them bought."""
    await activate_rulebook(api.runtime, ENGINE, rules(1, demo=15), RULES.format(version=1, visit=2, demo=15))
    events = []
    for number in range(LEADS):
        lead = f"lead-{number}"
        events.append({"leadId": lead, "type": "page_view", "occurredAt": api.at(hours=-3)})
        events.append({"leadId": lead, "type": "demo_request", "occurredAt": api.at(hours=-2)})
        if number < WON:
            events.append({"leadId": lead, "type": "deal.won", "occurredAt": api.at(hours=-1)})
    await api.store(*events)
    await api.work()
    yield
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))


@pytest.fixture
async def preview(api, leads):
    """A preview of twice the points for a demo, which is complete."""
    started = await start_preview(api.runtime, ENGINE, rules(2, demo=30), "", Wanted())
    return await run_preview(api.runtime, started)


def in_millions(figures):
    """The same figures of many more leads."""
    if isinstance(figures, dict):
        return {key: in_millions(value) for key, value in figures.items()}
    if isinstance(figures, list):
        return [in_millions(one) for one in figures]
    return figures * 123_457 if type(figures) is int and figures < 1000 else figures


def points(page, label):
    return page.get_by_role("spinbutton", name=label)


def yaml(page):
    return page.get_by_label("Rules in YAML")


async def test_points_are_raised_in_a_form_previewed_published_and_taken_back(api, leads, open_page):
    async with open_page("/rules/draft", role="admin") as page:
        await expect(page.get_by_text(re.compile("^Valid"))).to_be_visible()
        beginning = await yaml(page).input_value()
        await page.get_by_role("button", name="Points", exact=True).click()
        await points(page, "Asked for a demo").fill("30")
        await expect(page.get_by_role("region", name="The changes in words")).to_contain_text("15 -> 30")
        await picture(page, "points")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Preview").click()

        await expect(page.get_by_role("heading", name="Preview of mine@2")).to_be_visible()
        await work_on_previews(api.runtime)
        await expect(page.locator(".big")).to_contain_text("5 move up and 0 down")
        said = "Of 5 leads with an alert that only these rules raise, 3 were won."
        await expect(page.get_by_text(said)).to_be_visible()
        row = page.get_by_role("region", name="Automations").get_by_role("row").filter(has_text="Call")
        await expect(row).to_contain_text("3 Call, won then of 5")
        await row.get_by_role("link", name="won then").click()
        behind = page.get_by_role("region", name="Leads that would fire call and ended won")
        await expect(behind.get_by_role("listitem")).to_have_count(WON)
        lead = behind.get_by_role("listitem").filter(has_text="lead-0")
        await lead.locator("summary").click()
        demo = lead.get_by_role("row").filter(has_text="Asked for a demo")
        await expect(demo.get_by_role("cell").nth(1)).to_contain_text("+2")
        assert await faults_as_it_stands(page) == []
        await picture(page, "preview")
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []
        await page.set_viewport_size(DESK)

        await page.get_by_role("button", name="Publish mine@2").click()
        await page.get_by_label("Why this change").fill("Demos say more than we thought.")
        await page.get_by_role("dialog").get_by_role("button", name="Publish mine@2").click()
        await expect(page.get_by_text("Active: every lead")).to_be_visible()
        assert (await api.get("/api/rulebooks/mine/2"))["yaml"] == beginning.replace(
            "points: 15", "points: 30"
        )
        assert (await api.get("/api/leads/lead-4/intelligence"))["stage"] == "hot"
        (entry,) = (await api.get("/api/audit", target="mine@2"))["items"]
        assert entry["after"]["note"] == "Demos say more than we thought."

        await page.goto("/console/rules")
        await page.get_by_role("button", name="Roll back").click()
        await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        await expect(page.locator(".toast")).to_contain_text("mine@1 is active again")
        assert (await api.get("/api/leads/lead-4/intelligence"))["stage"] == "warm"


async def test_the_form_and_the_yaml_are_two_views_of_one_draft(leads, open_page):
    async with open_page("/rules/draft", role="admin") as page:
        await expect(page.get_by_text(re.compile("^Valid"))).to_be_visible()
        beginning = await yaml(page).input_value()
        await page.get_by_role("button", name="Points", exact=True).click()
        await points(page, "Viewed a page").fill("4.5")
        await points(page, "Asked for a demo").fill("-1")
        await expect(page.get_by_role("region", name="The changes in words")).to_contain_text("15 -> -1")
        await points(page, "Asked for a demo").fill("")  # no number: nothing is written
        await page.get_by_role("button", name="YAML", exact=True).click()
        await expect(yaml(page)).to_have_value(beginning.replace("points: 2,", "points: 4.5,"))
        await yaml(page).fill(beginning.replace("points: 15", "points: many"))
        await page.get_by_role("button", name="Points", exact=True).click()
        await expect(page.get_by_text("once the YAML has no faults")).to_be_visible()
        await page.get_by_role("button", name="Discard what I wrote").click()
        await expect(points(page, "Asked for a demo")).to_have_value("15")
        await expect(points(page, "Viewed a page")).to_have_value("2")


async def test_a_phone_holds_the_figures_of_many_leads(api, leads, preview, open_page):
    async def answer(route):
        found = await (await route.fetch()).json()
        await route.fulfill(json={**found, "figures": in_millions(found["figures"])})

    async with open_page("/rules", role="admin", viewport=PHONE_SIZE) as page:
        await page.route(f"**/api/previews/{preview.preview_id}", answer)
        await page.goto(f"/console/rules/previews/{preview.preview_id}")
        await expect(page.get_by_text("617,285").first).to_be_visible()
        await picture(page, "many")
        await page.set_viewport_size(PHONE_SIZE)
        assert await faults_as_it_stands(page) == []


async def test_a_challenger_is_shown_beside_the_active_rules(api, leads, open_page):
    await start_shadow(api.runtime, ENGINE, rules(2, demo=30), "", 14)
    while await follow_shadow(api.runtime):
        pass
    async with open_page("/rules", role="admin") as page:
        stages = page.get_by_role("table", name="Leads by stage")
        await expect(stages.get_by_role("columnheader")).to_have_text(["Stage", "mine@1", "mine@2"])
        await expect(stages.get_by_role("row").filter(has_text="hot")).to_contain_text("05")
        await picture(page, "challenger")
        assert await faults_of_screen(page, "/rules", on_phone=True) == []
        await page.get_by_role("button", name="Stop watching").click()
        await expect(stages).to_have_count(0)

"""Stories of routing and automations: rules are written, simulated on past leads, activated; runs are looked at and tried again."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.console.axe import faults_of_screen


@pytest.fixture
async def reps(api):
    """The ids of two reps."""
    accounts = api.runtime.people.accounts
    return [
        (await accounts.add(f"{name}@example.com", name.title(), "rep", api.clock.at)).person_id
        for name in ("ben", "cem")
    ]


@pytest.fixture
async def leads(api, reps):
    """Four leads, each of one signup."""
    for lead_id in ("ada", "bob", "dan", "eve"):
        await api.store({"leadId": lead_id, "type": "signup", "occurredAt": api.at()})
    await api.work()


async def test_rules_are_written_simulated_and_activated(api, reps, leads, open_page):
    async with open_page("/team", role="admin") as page:
        await page.get_by_role("link", name="Routing").click()
        await expect(page.get_by_text("No leads are routed")).to_be_visible()
        await page.get_by_role("link", name="Write a new version").click()
        pool = page.get_by_role("group", name="Pool everyone")
        await pool.get_by_role("button", name="Remove Admin").click()
        await pool.get_by_role("group", name="Ben").get_by_label("Weight").fill("3")
        await page.get_by_role("button", name="Simulate").click()
        shares = page.locator(".shares tbody tr")
        await expect(shares.filter(has_text="Ben")).to_contain_text("3")
        await expect(shares.filter(has_text="Cem")).to_contain_text("1")
        await expect(shares.filter(has_text="nobody")).to_contain_text("4")
        assert (await api.get("/api/routing/versions"))["items"] == []

        hours = pool.get_by_role("group", name="Cem")
        await hours.get_by_label("Only at working hours").check()
        await hours.get_by_label("From").fill("08:30")
        await hours.get_by_label("Sat").check()
        await page.get_by_role("button", name="Add a condition to rule 1").click()
        await page.get_by_label("Attribute").fill("country")
        await page.get_by_label("is one of").fill("DE, AT")
        await page.reload()
        await expect(page.get_by_label("is one of")).to_have_value("DE, AT")

        await page.get_by_role("button", name="Activate version 1").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Leads that have an owner keep it")
        await dialog.get_by_role("button", name="Activate version 1").click()
        await expect(page.get_by_text("Leads are routed by version 1.", exact=True).first).to_be_visible()
        await expect(page.get_by_text("country is DE or AT")).to_be_visible()
        rules = (await api.get("/api/routing/active"))["rules"]
        assert rules["rules"] == [
            {"id": "everybody", "where": {"country": {"in": ["DE", "AT"]}}, "pool": "everyone"}
        ]
        members = {one["rep"]: one for one in rules["pools"][0]["members"]}
        assert members[reps[0]] == {"rep": reps[0], "weight": 3.0}
        assert members[reps[1]]["hours"]["opens"] == "08:30"
        assert "sat" in members[reps[1]]["hours"]["days"]

        await page.get_by_role("button", name="Route no leads").click()
        await page.get_by_role("button", name="Route none").click()
        await expect(page.get_by_text("No leads are routed: ")).to_be_visible()
        await page.get_by_role("button", name="Activate version 1").click()
        await page.get_by_role("dialog").get_by_role("button", name="Activate version 1").click()
        await expect(page.get_by_role("button", name="Route no leads")).to_be_visible()


async def test_a_fault_of_the_rules_is_said_with_its_place_and_nothing_is_stored(api, reps, open_page):
    async with open_page("/team/routing/draft") as page:
        await page.get_by_role("group", name="Ben").get_by_label("Weight").fill("0")
        await page.get_by_role("button", name="Activate version 1").click()
        await page.get_by_role("dialog").get_by_role("button", name="Activate version 1").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
            re.compile(r"Pool 1, member \d, weight: Input should be greater than 0")
        )
        assert (await api.get("/api/routing/versions"))["items"] == []


async def test_runs_of_automations_are_filtered_by_the_address(ada, open_page):
    async with open_page("/automations", role="rep") as page:
        runs = page.locator(".entries li").filter(has_text="ada")
        await expect(runs).to_have_count(2)
        await page.get_by_role("link", name="Call qualified lead").click()
        await expect(runs).to_have_count(1)
        await page.get_by_role("button", name="Given up").click()
        await expect(page.get_by_text("No run of this kind.")).to_be_visible()
        await expect(page).to_have_url(re.compile("rule=call-qualified-lead"))
        await expect(page).to_have_url(re.compile("state=dead"))
        await page.go_back()
        await expect(runs).to_have_count(1)


async def test_a_run_that_was_given_up_is_tried_again_by_admins(api, ada, open_page):
    executions = api.runtime.store.database["automationExecutions"]
    await executions.update_one({"ruleId": "call-qualified-lead"}, {"$set": {"state": "dead"}})
    async with open_page("/automations?state=dead", role="rep") as page:
        await expect(page.get_by_text("Given up").last).to_be_visible()
        await expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    async with open_page("/automations?state=dead", role="admin") as page:
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_text("No run of this kind.")).to_be_visible()
        await api.work()
        assert (await api.get("/api/automations/executions", state="dead"))["items"] == []


async def test_routing_is_for_admins(open_page):
    async with open_page("/team", role="rep") as page:
        await expect(page.get_by_role("heading", name="Team", level=1)).to_be_visible()
        await expect(page.get_by_role("link", name="Routing")).to_have_count(0)
        for path in ("/team/routing", "/team/routing/draft"):
            await page.goto(f"/console{path}")
            await expect(page.get_by_text("This screen is for admins.")).to_be_visible()


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(api, reps, ada, open_page):
    hours = {"zone": "Europe/Berlin", "days": ["mon", "sat"]}
    rules = {
        "version": 1,
        "rules": [{"id": "a", "where": {"country": {"in": ["DE"]}, "seats": {"range": [5, 9]}}, "pool": "p"}],
        "pools": [{"id": "p", "members": [{"rep": reps[0], "hours": hours}, {"rep": reps[1]}]}],
    }
    assert (await api.http.post("/api/routing/versions", json={"rules": rules})).status_code == 201
    assert (await api.http.post("/api/routing/versions/1/activate")).status_code == 200
    async with open_page("/team") as page:
        for path in ("/team", "/team/routing", "/team/routing/draft", "/automations"):
            assert await faults_of_screen(page, path) == [], path

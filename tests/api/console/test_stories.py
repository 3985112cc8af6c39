"""Stories of a rep from end to end that no other file tells: a morning without the mouse, the future, the past as it was known."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from tests.api.console.axe import settled, violations

LEADS = 12


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))


@pytest.fixture
async def today(api):
    """The engine's clock shows the real time, as a browser expects."""
    api.clock.at = int(datetime.now(UTC).timestamp() * 1000)
    now = datetime.now(UTC)
    return lambda **ago: (now - timedelta(**ago)).isoformat()


@pytest.fixture
async def many(api, today):
    """Leads in a queue, best first."""
    for number in range(LEADS):
        kinds = ["download"] * (LEADS - number)
        await api.store(
            *(
                {"leadId": f"lead-{number:02}", "type": kind, "occurredAt": today(hours=number + 1)}
                for kind in kinds
            )
        )
    await api.work()
    return [one["leadId"] for one in (await api.get("/api/queue"))["items"]]


async def test_a_morning_without_the_mouse(many, api, open_page):
    async with open_page("/queue", role="rep") as page:

        async def on(lead):
            await expect(page.get_by_role("heading", name=lead, level=2)).to_be_visible()

        await on(many[0])
        for lead in many[:4]:
            await on(lead)
            await page.keyboard.press("e")
        await on(many[4])
        await page.keyboard.press("s")
        await expect(page.get_by_role("dialog", name=f"Snooze {many[4]}")).to_be_visible()
        await page.keyboard.press("1")
        await on(many[5])
        await page.keyboard.press("c")
        await expect(page.get_by_label("What came of it")).to_be_focused()
        await page.keyboard.press("ArrowDown")  # meeting booked
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text(f"Call with {many[5]}")
        await page.keyboard.press("a")
        await expect(page.get_by_role("dialog", name=f"Assign {many[5]}")).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.type("I spoke with them")
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("belongs to you")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("belongs to nobody")
        await page.keyboard.press("j")
        await on(many[6])
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=many[6], level=1)).to_be_focused()
        await page.go_back()
        await on(many[6])
        await expect(page.locator(".next ol li")).to_have_count(LEADS - 5)
        await page.reload()
        await on(many[6])
        await expect(page.locator(".next ol li")).to_have_count(LEADS - 5)
        events = [one["type"] for one in (await api.get(f"/api/leads/{many[5]}/events"))["items"]]
        assert events.count("call.logged") == 1
        assert events.count("lead.assigned") == 2


async def test_a_late_answer_does_not_take_the_place_of_the_last_change(many, api, open_page):
    call_is_shown = asyncio.Event()

    async def answer_late(route):
        await call_is_shown.wait()
        await route.continue_()

    async with open_page("/queue", role="rep") as page:
        await page.route(f"**/api/leads/{many[0]}/snooze", answer_late)
        await expect(page.get_by_role("heading", name=many[0], level=2)).to_be_visible()
        await page.keyboard.press("e")
        await expect(page.get_by_role("heading", name=many[1], level=2)).to_be_visible()
        await page.keyboard.press("c")
        await expect(page.get_by_label("What came of it")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text(f"Call with {many[1]}")
        call_is_shown.set()
        await expect(page.locator(".sr[aria-live=polite]")).to_contain_text(f"{many[0]} is done")
        await expect(page.locator(".toast")).to_contain_text(f"Call with {many[1]}")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("The call is taken back")


async def test_the_page_says_when_the_lead_will_be_lost_and_draws_it(api, today, open_page):
    await api.store({"leadId": "ada", "type": "demo_request", "occurredAt": today(hours=1)})
    await api.work()
    drop = (await api.get("/api/leads/ada/intelligence"))["details"]["drop"]
    async with open_page("/leads/ada") as page:
        await expect(page.locator(".score")).to_contain_text(f"falls to {drop['stage']}")
        await expect(page.locator(".curve")).to_contain_text(re.compile(f"{drop['stage']} \\w+ \\d+ \\w+"))
        await page.get_by_text("As a table").click()
        await expect(page.locator(".curve table")).to_contain_text("if nothing happens")


async def test_what_was_known_then_is_not_what_had_happened_then(api, today, open_page):
    await api.store({"leadId": "ada", "type": "download", "occurredAt": today(days=10)})
    await api.store({"leadId": "ada", "type": "demo_request", "occurredAt": today(days=8)})
    await api.work()
    async with open_page(f"/leads/ada?at={today(days=5).replace('+00:00', 'Z')}") as page:
        happened = page.locator("#why-title")
        await expect(happened).to_contain_text("Why ")
        assert float((await happened.inner_text()).removeprefix("Why ")) > 20
        await page.get_by_role("button", name="As we knew it").click()
        await expect(page.get_by_role("alert")).to_be_visible()  # both arrived today: nothing was known then
        await expect(page).to_have_url(re.compile("known=then"))


@pytest.mark.parametrize("days", [1, -1])
async def test_a_browser_whose_clock_is_wrong_by_a_day_shows_and_sends_the_right_times(
    many, api, open_page, days
):
    async with open_page("/tasks") as page:
        await page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
        await page.goto("/console/queue")
        await expect(
            page.get_by_text(re.compile(r"seen (1 h|59 min) ago"))
        ).to_be_visible()  # an hour, by either clock
        await page.get_by_role("button", name="Snooze").click()
        await page.get_by_role("button", name="In 3 hours").click()
        await expect(page.locator(".toast")).to_contain_text(f"{many[0]} is snoozed until")
        answer = await page.request.get("/api/me/snoozes")
        until = datetime.fromisoformat((await answer.json())["items"][0]["until"])
        assert timedelta(hours=2, minutes=50) < until - datetime.now(UTC) < timedelta(hours=3, minutes=1)


async def test_axe_finds_nothing_in_dialogs_and_menus(many, open_page):
    async with open_page("/queue", role="rep") as page:
        await settled(page)
        found = {}
        for key in "csan?/":
            await page.keyboard.press(key)
            await expect(page.locator("dialog[open]")).to_be_visible()
            found[key] = await violations(page)
            await page.keyboard.press("Escape")
            await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.goto("/console/leads")
        await expect(page.locator(".leads tbody tr")).to_have_count(LEADS)
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        found["selected"] = await violations(page)
        await page.keyboard.press("f")
        found["filter"] = await violations(page)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Columns").click()
        found["columns"] = await violations(page)
        await page.goto(f"/console/leads/{many[0]}")
        await page.locator(".ledger .reason").first.click()
        await page.locator(".ledger .switch").first.click()
        await expect(page.locator(".ledger .if")).to_be_visible()
        found["without a rule"] = await violations(page)
    assert found == {name: [] for name in found}

"""A rep works through the queue by keyboard: call, done, snooze, note, and everything undone by one key."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`, whose rules know replies and make tasks of demo requests."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))


@pytest.fixture
async def queue(api):
    """Three leads in the order of the queue: one that wrote, one that asked for a demo, one that reads."""
    updates = {"name": "Ada Probe", "phone": "+49 30 1234", "timezone": "Asia/Tokyo"}
    await api.store(
        {"leadId": "wrote", "type": "lead.updated", "occurredAt": api.at(hours=-2), "properties": updates}
    )
    for lead, kind in (("wrote", "email_reply"), ("asked", "demo_request"), ("reads", "download")):
        await api.store({"leadId": lead, "type": kind, "occurredAt": api.at(hours=-1)})
    await api.work()
    return ["wrote", "asked", "reads"]


def names(page):
    return page.locator(".next ol .name")


async def shows(page, lead):
    await expect(page.get_by_role("heading", name=lead, level=2, exact=True)).to_be_visible()


async def types_of(api, lead):
    return [one["type"] for one in (await api.get(f"/api/leads/{lead}/events"))["items"]]


async def test_done_takes_the_lead_and_its_task_off_and_z_brings_both_back(queue, api, open_page):
    async with open_page("/queue", role="rep") as page:
        await expect(names(page)).to_have_text(queue)
        await page.keyboard.press("j")
        await shows(page, "asked")
        await page.keyboard.press("e")
        await shows(page, "reads")
        await expect(names(page)).to_have_text(["wrote", "reads"])
        await expect(page.locator(".toast")).to_contain_text("asked is done, with its task, until")
        assert len((await api.get("/api/tasks", state="done", leadId="asked"))["items"]) == 1
        await page.keyboard.press("z")
        await shows(page, "asked")
        await expect(names(page)).to_have_text(queue)
        await expect(page.locator(".toast")).to_contain_text("asked is back")
        assert (await api.get("/api/tasks", state="done", leadId="asked"))["items"] == []


async def test_a_snoozed_lead_is_gone_after_a_reload_and_can_be_brought_back(queue, api, open_page):
    async with open_page("/queue", role="rep") as page:
        await shows(page, "wrote")
        await page.keyboard.press("s")
        await expect(page.get_by_role("dialog", name="Snooze wrote")).to_be_visible()
        await page.keyboard.press("2")
        await expect(names(page)).to_have_text(["asked", "reads"])
        await expect(page.locator(".toast")).to_contain_text("wrote is snoozed until")
        await page.reload()
        await expect(names(page)).to_have_text(["asked", "reads"])
        await page.get_by_text("1 snoozed").click()
        await page.get_by_role("button", name="Bring back wrote").click()
        await expect(names(page)).to_have_text(queue)


async def test_a_refused_snooze_puts_the_lead_back_with_the_reason(queue, open_page):
    async with open_page("/queue", role="rep") as page:
        await shows(page, "wrote")
        await page.route("**/snooze", lambda route: route.fulfill(status=503, json={"detail": "Too busy."}))
        await page.keyboard.press("s")
        await expect(page.get_by_role("dialog", name="Snooze wrote")).to_be_visible()
        await page.keyboard.press("1")
        await expect(page.locator(".toast")).to_contain_text("Nothing was changed: Too busy.")
        await expect(names(page)).to_have_text(queue)


async def test_a_call_and_a_note_are_taken_back_by_z(queue, api, open_page):
    async with open_page("/leads/reads", role="rep") as page:
        entries = page.locator(".time li:not(.day)")
        await expect(entries).to_have_count(1)
        await page.keyboard.press("n")
        await page.get_by_label("Note", exact=True).fill("asks about prices")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".toast")).to_contain_text("Noted about reads")
        await api.work()
        await expect(page.locator(".time")).to_contain_text("asks about prices")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("The note is taken back")
        await api.work()
        await expect(page.locator(".time")).not_to_contain_text("asks about prices")
        assert "event.retracted" in await types_of(api, "reads")


async def test_the_lead_page_follows_the_queue_and_leads_back_to_the_same_lead(queue, open_page):
    async with open_page("/queue", role="rep") as page:
        await shows(page, "wrote")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("1 of 3")).to_be_visible()
        await page.keyboard.press("j")
        await expect(page.get_by_role("heading", name="asked", level=1)).to_be_focused()
        await page.get_by_role("link", name="Queue", exact=True).last.click()
        await shows(page, "asked")


async def test_who_it_is_and_what_time_it_is_there_stand_beside_the_number(queue, open_page):
    async with open_page("/queue", role="rep") as page:
        line = page.locator(".contact")
        await expect(line).to_contain_text("Ada Probe")
        await expect(line.get_by_role("link", name="+49 30 1234")).to_have_attribute("href", "tel:+49301234")
        await expect(line).to_contain_text("there Tokyo")


async def test_a_task_is_snoozed_done_and_both_are_undone(queue, api, open_page):
    async with open_page("/tasks", role="rep") as page:
        await expect(page.locator(".task")).to_have_count(len((await api.get("/api/tasks"))["items"]))
        before = (await api.get("/api/tasks"))["items"][0]
        await page.keyboard.press("j")
        await page.keyboard.press("s")
        await page.get_by_role("button", name="Tomorrow").click()
        await expect(page.locator(".toast")).to_contain_text("Due ")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("Due as before")
        assert (await api.get("/api/tasks"))["items"][0] == before
        await page.keyboard.press("e")
        await expect(page.locator(".toast")).to_contain_text("Done:")
        await page.keyboard.press("z")
        await expect(page.locator(".toast")).to_contain_text("Open again")
        assert (await api.get("/api/tasks"))["items"][0] == before


async def test_the_command_list_goes_to_screens_and_leads_and_acts(queue, open_page):
    async with open_page("/queue", role="rep") as page:
        await shows(page, "wrote")
        await _type_into_command_list(page, "")
        await expect(page.get_by_role("option", name="Go to operations")).to_have_count(0)
        await page.keyboard.type("snooze")
        await page.keyboard.press("Enter")
        snooze = page.get_by_role("dialog", name="Snooze wrote")
        await expect(snooze).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(snooze).to_have_count(0)
        await _type_into_command_list(page, "reads")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="reads", level=1)).to_be_focused()
        await _type_into_command_list(page, "tasks")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_focused()


async def _type_into_command_list(page, text):
    await page.keyboard.press("/")
    await expect(page.get_by_role("combobox", name="Go to a screen")).to_be_focused()
    await page.keyboard.type(text)


async def test_a_key_is_changed_and_the_buttons_show_it(queue, open_page):
    async with open_page("/queue", role="rep") as page:
        await shows(page, "wrote")
        await page.keyboard.press("?")
        await page.get_by_role("button", name="Change keys").click()
        field = page.get_by_label("Key for: Log a call")
        await field.press("t")
        await expect(field).to_have_value("T")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name="Log a call T")).to_be_visible()
        await page.keyboard.press("c")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("t")
        await expect(page.get_by_role("dialog", name="Call with wrote")).to_be_visible()


async def test_a_line_of_the_explanation_opens_its_events_and_can_be_left_out(queue, api, open_page):
    async with open_page("/leads/asked") as page:
        line = page.locator(".ledger tbody tr").filter(has_text="Demo").first
        await line.get_by_role("button").click()
        events = page.locator(".reason-events li")
        await expect(events).to_have_count(1)
        await events.first.hover()
        await expect(page.locator(".curve .pointed")).to_have_count(1)
        await line.get_by_role("switch").click()
        rule = (await api.get("/api/leads/asked/intelligence"))["reasons"][0]["ruleId"]
        await expect(page).to_have_url(re.compile(re.escape(f"withoutRule={rule}")))
        without = await api.get("/api/leads/asked/intelligence", withoutRule=rule)
        await expect(page.locator(".ledger .if td").last).to_have_text(f"{without['score']:.2f}")
        await expect(line).to_have_class("out")


async def test_the_owner_of_an_earlier_moment_is_shown_with_it(queue, api, open_page):
    async with open_page("/leads/reads") as page:
        api.wait(hours=2)
        async with api.signed_in("rep", "ben@example.com") as ben:
            await api.http.put("/api/leads/reads/owner", json={"ownerId": ben.person.person_id})
            await api.work()
            await page.goto("/console/leads/reads")
            await expect(page.locator(".pairs dd").first).to_contain_text(ben.person.name)
            await page.goto(f"/console/leads/reads?at={api.at(hours=1)}")
            await expect(page.locator(".pairs dd").first).to_have_text("nobody")


async def test_keys_pressed_while_a_lead_loads_act_when_it_is_there(queue, open_page):
    pressed = asyncio.Event()

    async def answer_after_the_keys(route):
        await pressed.wait()
        await route.continue_()

    async with open_page("/me", role="rep") as page:
        await page.route(re.compile(r"/api/(leads/|tasks|queue)"), answer_after_the_keys)
        await page.goto("/console/leads/asked?list=queue")
        await page.get_by_role("button", name="Log a call").wait_for()
        await page.keyboard.press("e")
        await page.keyboard.press("c")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        pressed.set()
        await expect(page.locator(".toast")).to_contain_text("Done:")
        await expect(page.get_by_text("2 of 3")).to_be_visible()
        pressed.clear()
        await page.goto("/console/leads/asked?list=queue")
        await page.get_by_role("button", name="Log a call").wait_for()
        await page.keyboard.press("j")
        pressed.set()
        await expect(page.get_by_role("heading", name="reads", level=1)).to_be_focused()

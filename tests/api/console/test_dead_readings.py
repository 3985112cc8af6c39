"""Replies that nothing could read: an admin reads why, gives one up and has another one read again."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.replies.reply_event import reading_id
from tests.api.console.axe import PHONE_SIZE, faults_as_it_stands
from workflows.replies import classify as classify_module
from workflows.replies.follow import enqueue_replies
from workflows.work.loops import drain


@pytest.fixture
async def dead(api, monkeypatch):
    """The ids of the readings of two replies on which all attempts have failed; from now on replies can be read."""

    def breaks(_reply):
        raise RecursionError

    with monkeypatch.context() as broken:
        broken.setattr(classify_module, "decided_by_rules", breaks)
        for lead in ("ada", "ben"):
            said = {"channel": "email", "text": "Can we have a call on Thursday?"}
            await api.store(
                {
                    "leadId": lead,
                    "type": "message.received",
                    "properties": said,
                    "eventId": f"reply of {lead}",
                }
            )
        await enqueue_replies(api.runtime)
        ids = [reading_id(lead, f"reply of {lead}") for lead in ("ada", "ben")]
        readings = api.runtime.replies.readings
        while (units := [await readings.get(one) for one in ids]) and {one.state for one in units} != {
            "dead"
        }:
            api.clock.at = max(one.due_at for one in units)
            await drain(api.runtime)
    return ids


async def states(api):
    return {
        lead: (await api.runtime.replies.readings.get(reading_id(lead, f"reply of {lead}"))).state
        for lead in ("ada", "ben")
    }


async def intents(api, lead):
    events = await api.runtime.capture.events.of_lead(lead, types={REPLY_CLASSIFIED})
    return [one.properties["intent"] for one in events]


async def test_one_is_given_up_with_a_reason_and_one_is_read_again(api, dead, open_page):
    async with open_page("/ops", role="admin", viewport=PHONE_SIZE) as page:
        await page.get_by_role("link", name="2 of Reply given up").click()
        units = page.locator(".entries > li")
        await expect(units).to_have_count(2)
        await expect(units.first).to_contain_text("Given up, 10 attempts")
        await expect(units.first).to_contain_text("it cannot be read: RecursionError")

        await page.get_by_role("button", name=f"Discard {dead[0]}").click()
        dialog = page.get_by_role("dialog", name="Discard this reading?")
        await expect(dialog.get_by_label("Why")).to_be_focused()
        assert await faults_as_it_stands(page) == []
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        assert await states(api) == {"ada": "dead", "ben": "dead"}, "the control: nothing was said yet"

        await page.get_by_role("button", name=f"Discard {dead[0]}").click()
        await page.get_by_label("Why").fill("an empty forward")
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("It is given up")
        await expect(units).to_have_count(1)
        assert await states(api) == {"ada": "done", "ben": "dead"}

        await page.get_by_role("button", name=f"Try again {dead[1]}").click()
        await expect(page.locator(".toast")).to_contain_text("It is tried again")
        await expect(page.get_by_text("No work is in this state.")).to_be_visible()
        await drain(api.runtime)
        await page.get_by_role("link", name="Done", exact=True).click()
        await expect(units).to_have_count(2)
        await expect(units.filter(has_text="ada")).to_contain_text("discarded: an empty forward")
        await expect(page.get_by_role("button", name="Discard")).to_have_count(0)
    assert await intents(api, "ben") == ["meeting_request"]
    assert await intents(api, "ada") == []


async def test_a_refusal_leaves_the_reason_in_its_field(dead, open_page):
    async with open_page("/ops/work?kind=reply&state=dead", role="admin") as page:
        await page.route("**/discard", lambda route: route.fulfill(status=503, json={"detail": "Too busy."}))
        await page.get_by_role("button", name=f"Discard {dead[0]}").click()
        await page.get_by_label("Why").fill("an empty forward")
        await page.get_by_role("button", name="Discard it").click()
        await expect(page.locator(".toast.failed")).to_contain_text("Too busy.")
        await expect(page.get_by_label("Why")).to_have_value("an empty forward")

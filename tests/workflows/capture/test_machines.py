"""Opens and clicks of machines score nothing: marked when they arrive, retracted when they are found out later."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from domain.instant import to_datetime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay


@pytest.fixture
def runtime(runtime):
    at = runtime.now()
    return dataclasses.replace(runtime, now=lambda: at)


@pytest.fixture
def happen(runtime):
    """Store events that happened some seconds ago, one request each, and apply them."""

    async def happen(*facts):
        results = []
        for type_, ago, properties in facts:
            at = to_datetime(runtime.now()) - timedelta(seconds=ago)
            event = EventInput(lead_id="ada", type=type_, occurred_at=at, properties=properties)
            results += await ingest(runtime, [event])
        await process_leads(runtime, ["ada"])
        return results

    return happen


def click(ago, url):
    return ("email.clicked", ago, {"messageId": "m1", "url": url})


async def types(runtime):
    return [event.type for event in await runtime.capture.events.of_lead("ada")]


async def test_a_machines_open_says_why_and_is_no_activity(runtime, happen):
    await happen(("signup", 90, {}))
    before = await read_intelligence(runtime, "ada")
    await happen(("email_open", 60, {"userAgent": "curl/8.1"}))
    after = await read_intelligence(runtime, "ada")
    assert (after.score, after.details.activities) == (before.score, before.details.activities)
    event = (await runtime.capture.events.of_lead("ada"))[-1]
    assert event.properties["automated"] == "its user agent is a program's"


async def test_an_open_that_is_sent_again_is_a_duplicate_though_it_was_marked(runtime):
    at = to_datetime(runtime.now()) - timedelta(seconds=5)
    event = EventInput(
        lead_id="ada", event_id="e1", type="email.opened", occurred_at=at, properties={"machineOpen": True}
    )
    first, again = (await ingest(runtime, [event]))[0], (await ingest(runtime, [event]))[0]
    assert (first.status, again.status) == ("accepted", "duplicate")


async def test_the_clicks_of_a_scanner_are_retracted_with_the_last_one(runtime, happen):
    await happen(click(100, "/a"), click(98, "/b"))
    assert "event.retracted" not in await types(runtime)
    await happen(click(95, "/c"))
    assert (await types(runtime)).count("event.retracted") == 3
    assert (await types(runtime)).count("event.discarded") == 3
    state = await runtime.leads.states.get("ada")
    assert state.activities == 0
    report = await replay(runtime, "verify")
    assert (report.drifted, report.failed) == ([], {})


async def test_two_clicks_right_after_the_delivery_are_a_scan(runtime, happen):
    await happen(("email.delivered", 100, {"messageId": "m1"}), click(95, "/a"), click(94, "/b"))
    assert (await types(runtime)).count("event.retracted") == 2


async def test_clicks_of_people_stay(runtime, happen):
    await happen(
        ("email.delivered", 9000, {"messageId": "m1"}), click(900, "/a"), click(500, "/b"), click(100, "/c")
    )
    assert "event.retracted" not in await types(runtime)


async def test_what_a_person_has_decided_is_not_decided_again(runtime, happen):
    from engine.operations.audit_log import Actor  # noqa: PLC0415
    from workflows.capture.retract import retract_event  # noqa: PLC0415

    await happen(click(100, "/a"), click(98, "/b"), click(95, "/c"))
    retractions = [
        event for event in await runtime.capture.events.of_lead("ada") if event.type == "event.retracted"
    ]
    for one in retractions:
        await retract_event(runtime, Actor("person", "Ada", "p1"), "ada", one.event_id, "it was me")
    await process_leads(runtime, ["ada"])
    assert (await runtime.leads.states.get("ada")).activities == 3
    await happen(click(94, "/d"))
    assert (await runtime.leads.states.get("ada")).activities == 3

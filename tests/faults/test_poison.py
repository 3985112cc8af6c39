"""What cannot be processed stops its own lead, with a reason, and no other."""

from __future__ import annotations

import asyncio
import itertools
import time

import dramatiq
import pytest
from bson.datetime_ms import DatetimeMS

from tests.faults.harness.figures import measured
from tests.faults.harness.load import drawn_events, send_all

QUARANTINE_SECONDS = 60
BEYOND_ALL_CALENDARS = DatetimeMS(2**60)


async def _send(engine, seed: int, poison: dict[str, str], *, leads: int) -> None:
    """Events of many leads, and in their midst one event each of some more, of the type that is said."""
    events = list(itertools.islice(drawn_events(seed, leads=leads, repeats=0), leads * 2))
    bad = [{"eventId": f"bad-{lead}", "leadId": lead, "type": type_} for lead, type_ in poison.items()]
    for number, event in enumerate(bad, 1):
        events.insert(number * len(events) // (len(bad) + 1), event)
    await send_all([engine.url], engine.ledger, events, at_once=100)


async def _quarantined(engine, leads) -> dict[str, str]:
    """Wait until these leads are quarantined; why."""
    letters: dict[str, str] = {}
    async with asyncio.timeout(QUARANTINE_SECONDS):
        while letters.keys() != set(leads):
            await asyncio.sleep(0.1)
            found = await engine.truth.operations.dead_letters.page(None, None, 100)
            letters = {one.lead_id: one.reason for one in found if one.state == "quarantined"}
    return letters


async def test_leads_that_cannot_be_folded_or_read_are_quarantined_and_999_others_are_not(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api")
        await engine.start("worker-1", "worker-2", sabotage={"plant": ["poisonous_events"]})
        await engine.ready()
        poison = {
            "raises": "poison.raise",
            "of-the-future": "page_view",
            "without-a-time": "page_view",
            "of-no-calendar": "page_view",
        }
        await _send(engine, seed, poison, leads=999)
        events = engine.truth.store.database["events"]
        for lead, damage in (
            ("of-the-future", {"$set": {"schemaVersion": 99}}),
            ("without-a-time", {"$unset": {"occurredAt": 1}}),
            ("of-no-calendar", {"$set": {"occurredAt": BEYOND_ALL_CALENDARS}}),
        ):
            await events.update_one({"leadId": lead}, damage)
        await engine.start("dispatcher", "scheduler")
        reasons = await _quarantined(engine, poison)
        await engine.check(within=30, but=poison)
    assert "this event is poison" in reasons["raises"]
    assert "schema version 99" in reasons["of-the-future"]
    assert "'occurredAt' is missing" in reasons["without-a-time"]
    assert "datetime" in reasons["of-no-calendar"].lower()


async def test_messages_that_nobody_understands_do_not_hold_up_the_others(engine, seed):
    broker = engine.truth.work_queue._broker
    unknown = dramatiq.Message(
        queue_name="process_leads", actor_name="unknown", args=([],), kwargs={}, options={}
    )
    await asyncio.to_thread(broker.enqueue, unknown)
    await asyncio.to_thread(broker.do_enqueue, "process_leads", "no-message", b"\x00 this is no message")
    await _send(engine, seed, {}, leads=100)
    await engine.check(within=30)


@pytest.mark.long
async def test_a_lead_that_kills_its_worker_is_quarantined_and_others_are_not(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api", "dispatcher", "scheduler")
        await engine.ready()
        await _send(engine, seed, {"killer": "poison.kill"}, leads=200)
        began = time.monotonic()
        restarting = asyncio.create_task(_keep_running(engine, "worker-1", "worker-2"))
        reasons = await _quarantined(engine, ["killer"])
        measured("a lead that kills its workers quarantined, heartbeat of 2 s", time.monotonic() - began)
        await engine.check(within=30, but=["killer"])
        restarting.cancel()
    assert "worker" in reasons["killer"]


async def _keep_running(engine, *workers: str) -> None:
    """What the supervisor does."""

    async def keep(worker: str) -> None:
        while True:
            await engine.start(worker, sabotage={"plant": ["poisonous_events"]})
            await engine.ended(worker, seconds=600)

    await asyncio.gather(*map(keep, workers))


@pytest.mark.long
async def test_control_without_a_quarantine_a_poisoned_lead_takes_others_with_it(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api", "dispatcher", "scheduler")
        plants = ["poisonous_events", "all_or_nothing"]
        await engine.start("worker-1", sabotage={"plant": plants})
        await engine.ready()
        await _send(engine, seed, {"raises": "poison.raise"}, leads=100)
        faults = await engine.faults(within=5)
    assert any("run-" in fault for fault in faults)

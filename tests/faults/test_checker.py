"""The controls of the checker itself: one that cannot fail would prove nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import NamedTuple

import msgspec
import pytest

from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from tests.faults.harness.checker import everything_applied, faults_of
from tests.faults.harness.ledger import Ledger
from tests.faults.harness.load import drawn_events
from tests.faults.harness.promised_firings import certain_rules
from tests.faults.harness.watcher import Watcher
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.work.loops import drain


class Loaded(NamedTuple):
    """What an engine leaves behind, here made within this process."""

    truth: Runtime
    ledger: Ledger


@pytest.fixture
async def loaded(runtime):
    """60 events of five leads, applied with all that they set off."""
    loaded = Loaded(runtime, Ledger())
    events = list(itertools.islice(drawn_events(6, leads=5), 60))
    results = await ingest(runtime, msgspec.convert(events, list[EventInput]))
    loaded.ledger.note([msgspec.to_builtins(result) for result in results])
    while await process_leads(runtime, {event["leadId"] for event in events}):
        await drain(runtime)
    await everything_applied(runtime, 1)
    assert await faults_of(runtime, loaded.ledger) == []
    return loaded


async def test_it_notices_whatever_is_lost_doubled_moved_or_wrong(loaded):
    database, lead = loaded.truth.store.database, await _some(loaded, "leads")
    for break_it, expected in (
        (
            lambda: _miscounted(database, lead),
            f"lead {lead} is not what its events give",
        ),
        (
            lambda: database["scoreHistory"].delete_one({"leadId": lead}),
            f"the history of lead {lead} is not what its events give",
        ),
        (lambda: database["events"].delete_one({"_id": 7}), "positions have a hole"),
    ):
        assert not [fault for fault in await faults_of(loaded.truth, loaded.ledger) if fault == expected]
        await break_it()
        assert expected in await faults_of(loaded.truth, loaded.ledger)
    lost = next(name for name, position in loaded.ledger.acknowledged.items() if position == 7)
    assert f"event {lost} is lost or moved" in await faults_of(loaded.truth, loaded.ledger)


async def test_it_notices_an_automation_that_ran_twice_or_never_or_left_nothing(loaded):
    database = loaded.truth.store.database
    one = await database["automationExecutions"].find_one({"action.type": "task"})
    await database["tasks"].delete_one({"_id": one["_id"]})
    assert f"execution {one['_id']} is done and made 0 tasks" in await faults_of(loaded.truth, loaded.ledger)
    await database["tasks"].insert_one({"_id": "another"})
    assert "task another comes from no execution" in await faults_of(loaded.truth, loaded.ledger)
    await database["automationExecutions"].delete_one({"_id": one["_id"]})
    never = f"automation {one['ruleId']} of lead {one['leadId']} never fired"
    assert never in await faults_of(loaded.truth, loaded.ledger)
    await database["automationExecutions"].insert_one({**one, "_id": "again", "dateBucket": "1970-01-01"})
    again = f"automation {one['ruleId']} of lead {one['leadId']} fired for nothing"
    assert again in await faults_of(loaded.truth, loaded.ledger)


async def test_it_groups_by_the_merges_of_the_log_and_notices_whatever_differs_from_them(loaded):
    runtime, database = loaded.truth, loaded.truth.store.database
    first, second, third, *_ = sorted({doc["leadId"] for doc in await database["events"].find().to_list()})
    await merge(runtime, ENGINE, first, second, "")
    await merge(runtime, ENGINE, second, third, "")
    await unmerge(runtime, ENGINE, first, "")
    await everything_applied(runtime, 5)
    assert await faults_of(runtime, loaded.ledger) == []

    await database["leadStreams"].update_one({"_id": second}, {"$set": {"leadId": second}})
    projected = f"stream {second} is part of lead {third} by the log, and of {second} as stored"
    assert projected in await faults_of(runtime, loaded.ledger)
    await database["leadStreams"].update_one({"_id": second}, {"$set": {"leadId": third}})
    await database["scoreHistory"].update_one({"leadId": third}, {"$set": {"leadId": second}})
    faults = await faults_of(runtime, loaded.ledger)
    assert f"stream {second} is part of lead {third}, and stored as a lead" in faults
    assert f"the history of lead {third} is not what its events give" in faults
    await _miscounted(database, first)
    assert f"lead {first} is not what its events give" in await faults_of(runtime, loaded.ledger)


async def test_it_notices_an_automation_of_merged_leads_that_never_ran(loaded):
    runtime, database = loaded.truth, loaded.truth.store.database
    certain = sorted(certain_rules(runtime.rulebook))
    one = await database["automationExecutions"].find_one({"ruleId": {"$in": certain}})
    leads = {doc["leadId"] for doc in await database["events"].find().to_list()}
    await merge(runtime, ENGINE, one["leadId"], min(leads - {one["leadId"]}), "")
    await everything_applied(runtime, 5)
    assert await faults_of(runtime, loaded.ledger) == []
    await database["automationExecutions"].delete_one({"_id": one["_id"]})
    never = f"automation {one['ruleId']} of lead {one['leadId']} never fired"
    assert never in await faults_of(runtime, loaded.ledger)


async def test_it_notices_a_lead_that_stays_behind(loaded):
    database = loaded.truth.store.database
    newest = await database["events"].find_one({}, sort=[("_id", -1)])
    await database["leads"].delete_one({"_id": newest["leadId"]})
    with pytest.raises(AssertionError, match=newest["leadId"]):
        await everything_applied(loaded.truth, 0.5)


async def test_its_time_ends_even_when_the_driver_drops_the_cancellation(monkeypatch):
    async def open_for_ever(*_, **__):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        return "lead-1"

    monkeypatch.setattr("tests.faults.harness.checker._open_still", open_for_ever)
    async with asyncio.timeout(5):
        with pytest.raises(AssertionError, match=r"still open: lead-1"):
            await everything_applied(None, 0.1)


def test_the_watcher_notices_a_position_that_goes_back_and_a_lead_that_is_gone():
    watcher = Watcher(None)
    watcher.note({"lead ada": 3, "lead bob": 4})
    watcher.note({"lead ada": 3, "lead bob": 5})
    assert watcher.faults == []
    watcher.note({"lead ada": 2})
    assert watcher.faults == ["lead ada went back from 3 to 2", "lead bob went back from 5 to 0"]


async def _some(engine, collection: str) -> str:
    return (await engine.truth.store.database[collection].find_one())["_id"]


async def _miscounted(database, lead: str) -> None:
    """Falsify one number within the stored state of the lead."""
    state = json.loads((await database["leads"].find_one({"_id": lead}))["state"])
    state["activities"] += 1
    await database["leads"].update_one({"_id": lead}, {"$set": {"state": json.dumps(state)}})

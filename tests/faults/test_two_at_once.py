"""Two of what should be one do no harm: the result is that of one."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.harness.load import POINTS, drawn_events, send_all, writing


@pytest.mark.long
async def test_two_dispatchers_and_two_schedulers_that_both_act_change_nothing(engine, seed):
    await engine.kill("dispatcher")
    await engine.kill("scheduler")
    both_act = {"plant": ["no_leases"]}
    await engine.start("dispatcher-1", "dispatcher-2", "scheduler-1", "scheduler-2", sabotage=both_act)
    async with writing(engine.url, engine.ledger, seed=seed, writers=8, at_once=5):
        await asyncio.sleep(3)
    await engine.check(within=30)


async def test_two_decay_jobs_at_once_write_each_event_once(engine, tmp_path):
    await _idle_leads(engine, 40)
    await _run_both(engine, "decay-1", "decay-2", sabotage=_both_begin(tmp_path))
    assert set((await _decay_events(engine)).values()) == {2}, "of the fall in risk, and of that in stage"
    assert len(await _decay_events(engine)) == 40
    await engine.whole()
    await engine.check(within=30)


async def test_control_two_decay_jobs_that_name_their_events_as_they_like_write_each_twice(
    new_engine, tmp_path
):
    async with new_engine() as engine:
        await engine.start("api", "dispatcher", "scheduler", "worker-1", "worker-2")
        await _idle_leads(engine, 40)
        sabotage = {"plant": ["random_decay_ids"], **_both_begin(tmp_path)}
        await _run_both(engine, "decay-1", "decay-2", sabotage=sabotage)
        assert set((await _decay_events(engine)).values()) == {4}


@pytest.mark.long
async def test_two_replays_at_once_mend_every_lead_and_break_none(engine, seed):
    events = list(itertools.islice(drawn_events(seed, leads=100), 1000))
    await send_all([engine.url], engine.ledger, events, at_once=100)
    await engine.check(within=30)
    database = engine.truth.store.database
    # Not the thousands that other tests have left on this engine.
    leads = {"$in": sorted({event["leadId"] for event in events})}
    wrong = {"$replaceOne": {"input": "$state", "find": '"activities":', "replacement": '"activities":1'}}
    change = {"$set": {"score": {"$add": ["$score", 1]}, "state": wrong}}
    await database["leads"].update_many({"_id": leads}, [change])
    await database["scoreHistory"].delete_many({"leadId": leads, "position": {"$mod": [7, 0]}})
    assert await engine.faults(within=1), "the control: there is something to mend"
    await _run_both(engine, "replay-1", "replay-2")
    await engine.check(within=30)


async def _idle_leads(engine, number: int) -> None:
    """Leads that have been quiet for nine days, applied; then no worker runs that could apply more."""
    await engine.ready()
    at = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    events = [
        {"eventId": f"{lead}-{type_}", "leadId": f"idle-{lead}", "type": type_, "occurredAt": at}
        for lead in range(number)
        for type_ in POINTS
    ]
    await send_all([engine.url], engine.ledger, events, at_once=100)
    await engine.check(within=30)
    await engine.kill("worker-1")
    await engine.kill("worker-2")


async def _run_both(engine, *commands: str, sabotage=None) -> None:
    await engine.start(*commands, sabotage=sabotage)
    assert await asyncio.gather(*map(engine.ended, commands)) == [0, 0]


def _both_begin(folder) -> dict[str, object]:
    """Each has read where a pass begins before one of them has written anything."""
    return {
        "meet": {
            "after": "engine.store.checkpoints:Checkpoints.last_lead",
            "number": 2,
            "folder": str(folder),
        }
    }


async def _decay_events(engine) -> Counter[str]:
    """How many each lead has."""
    cursor = engine.truth.store.database["events"].find({"type": "score.decayed"}, {"leadId": 1})
    return Counter([doc["leadId"] async for doc in cursor])

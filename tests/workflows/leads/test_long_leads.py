"""Late events of long leads: the fold begins again at a checkpoint, and gives what a fold of all events gives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.instant import DAY, to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads import fold_start as module
from workflows.leads.process import process_leads
from workflows.leads.rebuild import rebuild_lead
from workflows.replay.replay import replay

EVENTS = 2500


@pytest.fixture
async def long(runtime):
    """A lead of 2,500 events over ten days."""
    now = to_datetime(runtime.now())
    step = timedelta(days=10) / EVENTS
    for start in range(0, EVENTS, 500):
        events = [
            EventInput(lead_id="ada", type="page_view", occurred_at=now - timedelta(days=10) + step * number)
            for number in range(start, start + 500)
        ]
        await ingest(runtime, events)
        await process_leads(runtime, ["ada"])
    return runtime


@pytest.fixture
def begun(monkeypatch):
    """How many events each fold that begins again has before its start."""
    found, honest = [], module.starts_of

    async def noting(*args):
        starts = await honest(*args)
        found.extend(start.state.events for start in starts.values())
        return starts

    monkeypatch.setattr("workflows.leads.apply_events.starts_of", noting)
    return found


async def late(runtime, *days_ago):
    now = to_datetime(runtime.now())
    events = [
        EventInput(lead_id="ada", type="download", occurred_at=now - timedelta(days=days))
        for days in days_ago
    ]
    await ingest(runtime, events)
    await process_leads(runtime, ["ada"])


async def right(runtime):
    """Whether the lead is what a fold of all its events gives, history included."""
    events = await runtime.capture.events.of_lead("ada")
    whole = fold(initial_state("ada", runtime.rulebook), events, runtime.rulebook)
    report = await replay(runtime, "verify")
    return await runtime.leads.states.get("ada") == whole.state and report.drifted == []


async def test_the_fold_begins_at_the_last_checkpoint_before_the_late_event(long, begun):
    await late(long, 1)
    assert begun == [2000]
    assert await right(long)


async def test_events_that_keep_being_late_by_a_day_do_not_push_the_start_back(long, begun):
    for number in range(6):
        await late(long, 1 - number * 0.001)
    assert begun[0] == 2000
    assert all(start >= 2000 for start in begun)
    assert await right(long)


async def test_an_event_before_all_checkpoints_folds_the_whole_lead_and_the_next_one_less(long, begun):
    await late(long, 10.5)
    await late(long, 0.3)
    assert begun[0] == 0
    assert begun[1] > 2000
    assert await right(long)


async def test_checkpoints_made_wrong_by_a_late_event_are_dropped(long, begun):
    await late(long, 5)
    await late(long, 1)
    await late(long, 4, 0.01, 3)
    await late(long, 9)
    assert await right(long)


async def test_a_rebuilt_lead_begins_anew_with_its_checkpoints(long, begun):
    await rebuild_lead(long, "ada")
    assert await long.store.database["leadCheckpoints"].count_documents({}) == 0
    await late(long, 1)
    await late(long, 0.5)
    assert begun[0] == 0
    assert begun[1] > 0
    assert await right(long)


async def test_a_lead_keeps_a_bounded_number_of_checkpoints(long):
    assert 2 <= await long.store.database["leadCheckpoints"].count_documents({}) <= 12
    assert (await long.leads.states.get("ada")).clock < long.now() + DAY

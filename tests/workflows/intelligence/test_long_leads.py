"""Reads of leads with very many events: they yield, and only so many fold at a time, so that others are answered."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from domain.errors import NotFound
from domain.events.event import Event
from domain.instant import DAY
from domain.leads.fold import fold, in_time_order
from domain.leads.state import initial_state
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads import read_events
from workflows.leads.fold_in_turns import fold_in_turns

START = 20_000 * DAY


@pytest.fixture
async def long_and_short(runtime, apply, monkeypatch):
    """A lead of ten events, which count as very many, and one of two."""
    monkeypatch.setattr(read_events, "_LONG", 5)
    events = [EventInput(lead_id="long", type="page_view") for _ in range(10)]
    await ingest(runtime, [*events, *(EventInput(lead_id="short", type="page_view") for _ in range(2))])
    await apply("long", "short")


async def test_a_fold_of_many_events_gives_turns_and_what_a_fold_gives(runtime):
    rules = runtime.rulebook
    events = [
        Event(
            position=n,
            event_id=f"e{n}",
            lead_id="a",
            type="page_view",
            occurred_at=START + n,
            received_at=START + n,
        )
        for n in range(1, 2001)
    ]
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    state = await fold_in_turns(initial_state("a", rules), [events[:700], events[700:]], rules)
    other.cancel()

    assert turns >= 2000 // 250 - 1
    assert state == fold(initial_state("a", rules), events, rules).state


async def test_runs_that_overlap_in_time_are_folded_in_the_order_of_time(runtime):
    rules, seed = runtime.rulebook, Random(5)
    events = [
        Event(
            position=n,
            event_id=f"e{n}",
            lead_id="a",
            type=seed.choice(("page_view", "demo_request", "deal.won", "deal.lost")),
            occurred_at=START + seed.randrange(300) * DAY // 10,
            received_at=START + 40 * DAY,
        )
        for n in range(1, 1001)
    ]
    runs = [in_time_order(events[start : start + 90]) for start in range(0, 1000, 90)]

    state = await fold_in_turns(initial_state("a", rules), runs, rules)

    assert state == fold(initial_state("a", rules), events, rules).state


async def test_a_long_read_waits_for_its_turn_while_short_ones_are_answered(runtime, long_and_short):
    now = runtime.now()
    async with runtime.leads.long_folds:
        waiting = asyncio.create_task(read_intelligence(runtime, "long", as_of=now, known_at=now))
        short = await read_intelligence(runtime, "short", as_of=now, known_at=now)
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
    assert short.details.activities == 2
    assert (await waiting).details.activities == 10


async def test_a_read_before_the_first_event_says_that_there_is_a_lead(runtime, long_and_short):
    with pytest.raises(NotFound, match="There is a lead 'long', but no event of it by the moment"):
        await read_intelligence(runtime, "long", as_of=runtime.now() - 5 * DAY)
    with pytest.raises(NotFound, match=r"^There is no lead 'nobody'\.$"):
        await read_intelligence(runtime, "nobody", as_of=runtime.now() - 5 * DAY)

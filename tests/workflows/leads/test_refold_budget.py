"""Late events whose sender anybody can pose as cause a bounded number of events to be folded again; all others any number."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from domain.instant import MINUTE, SECOND, to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.leads.refold_budget import MAX_POSTPONED, RefoldBudget
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.page_events import ingest_from_page
from workflows.leads.process import process_leads

LATE = timedelta(hours=5)


@pytest.fixture
def runtime(runtime):
    """A runtime with a budget of ten events a second, so of 600 at once."""
    leads = dataclasses.replace(runtime.leads, refolds=RefoldBudget(10))
    return dataclasses.replace(runtime, leads=leads)


@pytest.fixture
def fold_counts(monkeypatch):
    """How many events each fold that begins again has."""
    from workflows.leads import fold_arrived as module  # noqa: PLC0415

    honest, counts = module.fold_again, []

    def counting(state, arrived, start, *args):
        counts.append(len(start.events))
        return honest(state, arrived, start, *args)

    monkeypatch.setattr(module, "fold_again", counting)
    return counts


async def fill(runtime, lead_id, events=200):
    now = to_datetime(runtime.now())
    await ingest(
        runtime,
        [
            EventInput(
                lead_id=lead_id, type="page_view", occurred_at=now - timedelta(minutes=events - number)
            )
            for number in range(events)
        ],
    )
    await process_leads(runtime, [lead_id])


async def late_from_page(runtime, lead_id, *, event_id=None, key="k1"):
    at = to_datetime(runtime.now()) - LATE
    event = EventInput(lead_id=lead_id, type="download", occurred_at=at, event_id=event_id)
    await ingest_from_page(runtime, key, [event])
    return await process_leads(runtime, [lead_id])


async def assert_complete(runtime, lead_id):
    events = await runtime.capture.events.of_lead(lead_id)
    whole = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    assert await runtime.leads.states.get(lead_id) == whole.state


@pytest.mark.parametrize("event_id", [None, "x"])
async def test_late_events_beyond_the_budget_wait_and_are_folded_together(
    runtime, clock, fold_counts, event_id
):
    await fill(runtime, "ada")
    for number in range(30):
        await late_from_page(runtime, "ada", event_id=event_id and f"{event_id}{number}")
    assert len(fold_counts) <= 4
    behind = (await runtime.leads.states.get("ada")).events
    assert behind < 230

    clock.at += MINUTE
    assert await process_leads(runtime, ["ada"]) == 230 - behind
    await assert_complete(runtime, "ada")
    assert runtime.leads.refolds.outcomes == {"postponed": 1, "done": 1}


async def test_many_leads_of_one_sender_share_its_budget_and_other_senders_have_their_own(
    runtime, fold_counts
):
    for number in range(8):
        await fill(runtime, f"lead-{number}")
    applied = [await late_from_page(runtime, f"lead-{number}") for number in range(7)]
    assert sum(applied) <= 4
    assert await late_from_page(runtime, "lead-7", key="k2") == 1


async def test_servers_may_send_any_past_and_take_what_waits_with_them(runtime, clock):
    await fill(runtime, "ada")
    while await late_from_page(runtime, "ada"):
        pass
    for _ in range(5):
        await ingest(
            runtime,
            [EventInput(lead_id="ada", type="call", occurred_at=to_datetime(runtime.now()) - LATE)],
        )
        assert await process_leads(runtime, ["ada"]) >= 1
    await assert_complete(runtime, "ada")


async def test_small_leads_and_events_that_are_not_late_never_wait(runtime):
    await fill(runtime, "ada")
    while await late_from_page(runtime, "ada"):
        pass
    await fill(runtime, "small", events=20)
    assert await late_from_page(runtime, "small") == 1
    await fill(runtime, "bob")
    await ingest_from_page(runtime, "k1", [EventInput(lead_id="bob", type="page_view")])
    assert await process_leads(runtime, ["bob"]) == 1


async def test_a_lead_waits_ten_minutes_at_most_however_much_its_sender_goes_on(runtime, clock):
    await fill(runtime, "ada")
    await fill(runtime, "bob")
    runtime.leads.refolds.spend("web:k1", "bob", 10**6, runtime.now())
    assert await late_from_page(runtime, "ada") == 0
    clock.at += MAX_POSTPONED - SECOND
    assert await process_leads(runtime, ["ada"]) == 0
    clock.at += SECOND
    assert await process_leads(runtime, ["ada"]) == 1
    await assert_complete(runtime, "ada")


async def test_a_lead_that_waits_is_enqueued_when_its_time_has_come(runtime, monkeypatch):
    waits = []
    monkeypatch.setattr(
        runtime.leads.delayed, "call", lambda seconds, key, body: waits.append((seconds, key))
    )
    await fill(runtime, "ada")
    while await late_from_page(runtime, "ada"):
        pass
    ((seconds, lead_id),) = waits
    assert lead_id == "ada"
    assert 1 <= seconds <= MAX_POSTPONED / SECOND

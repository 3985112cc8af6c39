"""Late events are put in their places: state, history and answers are those of the same events in order."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from datetime import timedelta

import pytest
from bson.datetime_ms import DatetimeMS

from domain.instant import DAY, HOUR, to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.decay.decay import apply_decay
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

FACTS = (("signup", 9), ("page_view", 5), ("download", 4), ("page_view", 1))
"""A type, and how many days ago it happened."""


@pytest.fixture
def runtime(runtime):
    """A runtime whose clock stands still, so that what is asked twice is asked at one moment."""
    at = runtime.now()
    return dataclasses.replace(runtime, now=lambda: at)


@pytest.fixture
def deliver(runtime):
    """Send facts of a lead in one request each, and apply each before the next."""

    async def deliver(lead_id, facts, *, at_once=False):
        for type_, days_ago in facts:
            at = to_datetime(runtime.now()) - timedelta(days=days_ago)
            await ingest(runtime, [EventInput(lead_id=lead_id, type=type_, occurred_at=at)])
            if not at_once:
                await process_leads(runtime, [lead_id])
        await process_leads(runtime, [lead_id])

    return deliver


async def shown(runtime, lead_id, as_of=None):
    """What a read says, without what names the lead and its arrivals."""
    found = await read_intelligence(runtime, lead_id, as_of=as_of)
    return found.score, found.stage, found.velocity, found.risk, found.next_action, found.summary


@pytest.mark.parametrize("at_once", [False, True])
async def test_every_order_of_arrival_gives_the_same_lead(runtime, deliver, rows_of, at_once):
    orders = list(itertools.permutations(FACTS))
    for number, order in enumerate(orders):
        await deliver(f"lead-{number}", order, at_once=at_once)

    first = await shown(runtime, "lead-0")
    for number in range(len(orders)):
        lead = f"lead-{number}"
        assert await shown(runtime, lead) == first
        rows = await rows_of(lead)
        assert [row.type for row in rows] == [type_ for type_, _ in FACTS]
        assert [row.previous_score for row in rows] == [0, *(row.new_score for row in rows[:-1])]
    report = await replay(runtime, "verify")
    assert (report.leads, report.drifted, report.failed) == (len(orders), [], {})


async def test_a_late_event_changes_the_rows_after_it_and_no_others(runtime, deliver, rows_of):
    await deliver("ada", FACTS[:2])
    (first, _) = await rows_of("ada")
    await deliver("ada", [("download", 7)])

    signup, download, view = await rows_of("ada")
    assert signup == first
    assert (download.previous_score, download.new_score, download.position) == (20, 30, 3)
    assert (view.previous_score, view.new_score, view.position) == (30, 31, 2)
    state = await runtime.leads.states.get("ada")
    assert (state.position, state.events, state.assessment.score) == (3, 3, 31)


async def test_runs_of_the_decay_job_between_deliveries_make_no_difference(runtime, deliver):
    await deliver("without", FACTS)
    await deliver("with", FACTS[:1])
    await apply_decay(runtime)
    await process_leads(runtime, ["with"])
    await deliver("with", FACTS[1:])
    await apply_decay(runtime, runtime.now())
    await process_leads(runtime, ["with", "without"])

    for later in (0, DAY, 9 * DAY):
        as_of = runtime.now() + later
        assert await shown(runtime, "with", as_of) == await shown(runtime, "without", as_of)
    assert (await replay(runtime, "verify")).drifted == []


async def test_late_and_new_events_from_several_senders_at_once_lose_nothing(runtime, deliver):
    async def sender(number):
        for back in range(8):
            at = to_datetime(runtime.now()) - timedelta(hours=(back * 7 + number * 3) % 40)
            await ingest(runtime, [EventInput(lead_id="ada", type="page_view", occurred_at=at)])
            await process_leads(runtime, ["ada"])

    await asyncio.gather(*(sender(number) for number in range(4)))
    await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    events = await runtime.capture.events.of_lead("ada")
    assert len(events) == 32
    assert state == fold(initial_state("ada", runtime.rulebook), events, runtime.rulebook).state
    assert (await replay(runtime, "verify")).drifted == []


async def test_of_late_events_the_one_that_cannot_be_folded_is_named_and_those_before_it_are_applied(
    runtime, deliver, monkeypatch
):
    from domain.leads import fold as module  # noqa: PLC0415

    honest = module.step

    def step(lead, event, rulebook):
        if event.type == "poison":
            raise ZeroDivisionError("a rule divides by zero")
        return honest(lead, event, rulebook)

    monkeypatch.setattr(module, "step", step)
    await deliver("sick", [("signup", 1), ("page_view", 5), ("poison", 4), ("download", 3)], at_once=True)

    state = await runtime.leads.states.get("sick")
    letter = await runtime.operations.dead_letters.get("sick")
    assert (state.position, state.assessment.score) == (2, 21)
    assert letter.position == 3
    assert "divides by zero" in letter.reason


async def test_a_late_event_fires_what_it_brings_about_once_with_its_own_date(runtime, deliver):
    """59 points are hot; a late page view makes them qualified, on the day when it happened."""
    await deliver("ada", [("demo_request", 2), ("signup", 1.9), ("email_open", 1), ("email_open", 0.5)])
    await deliver("ada", [("email_open", 0.9), ("page_view", 1.5)], at_once=True)

    state = await runtime.leads.states.get("ada")
    assert (state.assessment.score, state.assessment.stage) == (60, "qualified")
    executions = await runtime.automations.executions.page(
        lead_id="ada", rule_id="call-qualified-lead", state=None, after=None, limit=10
    )
    assert len(executions) == 1


async def test_an_event_later_than_its_receipt_counts_as_of_its_receipt(runtime, deliver):
    """As earlier releases stored them: up to five minutes ahead."""
    await deliver("ada", [("signup", 1)])
    events = runtime.store.database["events"]
    received = (await events.find_one({"leadId": "ada"}))["receivedAt"]
    ahead = DatetimeMS(int(received.timestamp() * 1000) + HOUR)
    await events.update_one({"leadId": "ada"}, {"$set": {"occurredAt": ahead}})

    (event,) = await runtime.capture.events.of_lead("ada", until=runtime.now())
    assert event.occurred_at == event.received_at

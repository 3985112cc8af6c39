"""Retracted events count for nothing: state, history, answers and replay are those without them."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from datetime import timedelta

import pytest

from domain.errors import Conflict, NotFound
from domain.instant import to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.operations.audit_log import Actor
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.identity.merge import merge, unmerge
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

ADA = Actor("person", "Ada", "person_1")
FACTS = (("signup", 90), ("email_open", 60), ("download", 50), ("demo_request", 3), ("page_view", 1))


@pytest.fixture
def lead(runtime, send, apply):
    """A lead with these facts, some of them retracted; returns the ids of the events by type."""

    async def lead(lead_id, facts=FACTS, *, retracted=()):
        for kind, hours_ago in facts:
            await send(lead_id, kind, hours_ago=hours_ago)
            await apply(lead_id)
        ids = {event.type: event.event_id for event in await runtime.capture.events.of_lead(lead_id)}
        for kind in retracted:
            await retract_event(runtime, ADA, lead_id, ids[kind], "a bot")
            await apply(lead_id)
        return ids

    return lead


@pytest.fixture
def runtime(runtime):
    at = runtime.now()
    return dataclasses.replace(runtime, now=lambda: at)


@pytest.fixture
def shown(runtime):
    async def shown(lead_id, **moment):
        found = await read_intelligence(runtime, lead_id, **moment)
        return (
            found.score,
            found.stage,
            found.velocity,
            found.risk,
            found.next_action,
            [(reason.rule_id, reason.points) for reason in found.reasons],
            found.details.activities,
            found.details.last_activity_at,
        )

    return shown


async def verified(runtime):
    report = await replay(runtime, "verify")
    assert (report.drifted, report.failed) == ([], {})


@pytest.mark.parametrize("kind", [kind for kind, _ in FACTS])
async def test_a_lead_with_a_retracted_event_is_the_lead_without_it(runtime, lead, shown, kind):
    await lead("with", retracted=[kind])
    await lead("without", [fact for fact in FACTS if fact[0] != kind])

    assert await shown("with") == await shown("without")
    await verified(runtime)


async def test_history_shows_the_retraction_and_nothing_of_the_event(runtime, lead, rows_of):
    await lead("ada", retracted=["demo_request"])
    rows = await rows_of("ada")
    assert [row.type for row in rows] == [
        "signup",
        "email_open",
        "download",
        "event.discarded",
        "page_view",
        "event.retracted",
    ]
    assert rows[3].contributions == ()
    assert [row.previous_score for row in rows] == [0, *(row.new_score for row in rows[:-1])]
    (tombstone,) = [
        one for one in await runtime.capture.events.of_lead("ada") if one.type == "event.discarded"
    ]
    assert tombstone.properties["type"] == "demo_request"


async def test_a_retracted_retraction_makes_the_event_count_again(runtime, lead, shown):
    ids = await lead("ada")
    before = await shown("ada")
    first = await retract_event(runtime, ADA, "ada", ids["demo_request"], "a bot")
    await process_leads(runtime, ["ada"])
    assert await shown("ada") != before
    second = await retract_event(runtime, ADA, "ada", first.event_id, "it was a person")
    await process_leads(runtime, ["ada"])
    assert await shown("ada") == before
    await verified(runtime)

    await retract_event(runtime, ADA, "ada", second.event_id, "a bot after all")
    await process_leads(runtime, ["ada"])
    assert await shown("ada") != before
    await verified(runtime)


async def test_known_at_counts_a_retraction_from_its_receipt(runtime, lead, shown):
    moving = [runtime.now()]
    runtime = dataclasses.replace(runtime, now=lambda: moving[0])
    ids = await lead("ada")
    await lead("bob", [fact for fact in FACTS if fact[0] != "demo_request"])
    received = moving[0]
    moving[0] += 1000
    retraction = await retract_event(runtime, ADA, "ada", ids["demo_request"], "a bot")
    await process_leads(runtime, ["ada"])
    moving[0] += 1000
    await retract_event(runtime, ADA, "ada", retraction.event_id, "a person")
    await process_leads(runtime, ["ada"])

    at = moving[0]
    with_it, without = await shown("ada", as_of=at), await shown("bob", as_of=at)
    assert with_it != without
    assert await shown("ada", as_of=at, known_at=received) == with_it
    assert await shown("ada", as_of=at, known_at=received + 1000) == without
    assert await shown("ada", as_of=at, known_at=received + 1999) == without
    assert await shown("ada", as_of=at, known_at=received + 2000) == with_it


async def test_an_event_and_its_retraction_may_arrive_in_one_batch(runtime, send, apply, lead, shown):
    await send("ada", "signup", hours_ago=5)
    await send("ada", "demo_request", hours_ago=3)
    events = await runtime.capture.events.of_lead("ada")
    await retract_event(runtime, ADA, "ada", events[-1].event_id, "a bot")
    await apply("ada")
    await lead("bob", [("signup", 5)])
    assert await shown("ada") == await shown("bob")
    await verified(runtime)


async def test_a_repeated_call_retracts_once_and_one_that_is_applied_is_a_conflict(runtime, lead):
    ids = await lead("ada")
    first = await retract_event(runtime, ADA, "ada", ids["signup"], "a bot")
    again = await retract_event(runtime, ADA, "ada", ids["signup"], "the same bot")
    assert (again.event_id, again.position) == (first.event_id, first.position)
    await process_leads(runtime, ["ada"])
    with pytest.raises(Conflict, match="retracted already"):
        await retract_event(runtime, ADA, "ada", ids["signup"], "a bot")


async def test_an_event_that_the_lead_does_not_have_is_not_found(runtime, lead):
    await lead("ada")
    bob = await lead("bob")
    for event_id in ("nothing", bob["signup"]):
        with pytest.raises(NotFound):
            await retract_event(runtime, ADA, "ada", event_id, "a bot")


async def test_an_automation_says_that_its_cause_is_retracted(runtime, lead):
    ids = await lead("ada", [("signup", 30), ("demo_request", 20), ("demo_request", 10)])
    found = await runtime.automations.executions.page(
        lead_id="ada", rule_id=None, state=None, after=None, limit=50
    )
    causes = {one.cause_position for one in found}
    assert causes
    events = await runtime.capture.events.of_lead("ada")
    cause = next(event for event in events if event.position in causes)
    retraction = await retract_event(runtime, ADA, "ada", cause.event_id, "a bot")
    await process_leads(runtime, ["ada"])

    async def flags():
        page = await runtime.automations.executions.page(
            lead_id="ada", rule_id=None, state=None, after=None, limit=50
        )
        return {one.cause_position: one.cause_retracted for one in page if one.cause_position in causes}

    assert await flags() == {at: at == cause.position for at in causes}
    await retract_event(runtime, ADA, "ada", retraction.event_id, "a person")
    await process_leads(runtime, ["ada"])
    assert not any((await flags()).values())
    assert ids


async def test_retracting_the_event_that_blocks_a_lead_lets_it_go_on(runtime, lead, monkeypatch):
    from domain.leads import fold as module  # noqa: PLC0415

    whole = module.step

    def raising(state, event, rulebook):
        if event.type == "poison":
            raise ArithmeticError("nobody can fold it")
        return whole(state, event, rulebook)

    monkeypatch.setattr(module, "step", raising)
    ids = await lead("ada", [("signup", 9), ("poison", 5), ("download", 4)])
    assert (await runtime.operations.dead_letters.get("ada")).event_id == ids["poison"]
    await retract_event(runtime, ADA, "ada", ids["poison"], "broken form")
    for _ in range(3):
        await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    assert state.events == 4


@pytest.mark.parametrize("seed", range(6))
async def test_late_events_retractions_and_undone_ones_in_any_order_are_a_fold_of_what_counts(
    runtime, send, apply, shown, seed
):
    chance = random.Random(seed)
    out: dict[str, str | None] = {}
    for _ in range(30):
        ids = [
            event.event_id
            for event in await runtime.capture.events.of_lead("ada")
            if event.source != "lead-engine" or event.event_id in out.values()
        ]
        if ids and chance.random() < 0.4:
            target = chance.choice(ids)
            try:
                out[target] = (await retract_event(runtime, ADA, "ada", target, "a bot")).event_id
            except Conflict:
                continue
        else:
            kind = chance.choice(["signup", "download", "page_view", "demo_request"])
            await send("ada", kind, hours_ago=chance.randint(1, 400))
        if chance.random() < 0.6:
            await apply("ada")
    await apply("ada")

    state = await runtime.leads.states.get("ada")
    events = await runtime.capture.events.of_lead("ada")
    assert state == fold(initial_state("ada", runtime.rulebook), events, runtime.rulebook).state
    counted = [event for event in events if event.type != "event.discarded"]
    alone = fold(initial_state("ada", runtime.rulebook), counted, runtime.rulebook).state
    assert state.assessment == alone.assessment
    assert state.score == alone.score
    await verified(runtime)


async def test_events_of_a_long_lead_are_retracted_from_its_checkpoints(runtime, send, apply):
    at, sent = to_datetime(runtime.now()), []
    for start in range(0, 1400, 700):
        sent += [
            EventInput(
                lead_id="ada",
                event_id=f"e{number}",
                type="page_view",
                occurred_at=at - timedelta(minutes=1400 - number),
            )
            for number in range(start, start + 700)
        ]
        await ingest(runtime, sent[start:])
        await apply("ada")
    for number in (1390, 1100, 20, 1391):
        await retract_event(runtime, ADA, "ada", f"e{number}", "a bot")
        await apply("ada")
        await send("ada", "download", hours_ago=20)
        await apply("ada")
    state = await runtime.leads.states.get("ada")
    assert (state.events, state.activities) == (1408, 1400)
    await verified(runtime)


async def test_an_event_of_a_merged_lead_is_retracted_through_either_id_and_stays_so_after_the_undoing(
    runtime, lead, shown
):
    ada, bob = await lead("ada"), await lead("bob")
    await lead("alone", retracted=["demo_request"])
    merged = await merge(runtime, ADA, "bob", "ada", "the same person")
    await process_leads(runtime, ["ada", "bob"])
    assert merged
    await retract_event(runtime, ADA, "ada", bob["demo_request"], "a bot")
    await process_leads(runtime, ["ada"])
    await retract_event(runtime, ADA, "ada", ada["signup"], "a bot")
    await process_leads(runtime, ["ada"])
    assert (await runtime.leads.states.get("ada")).activities == 2 * len(FACTS) - 2
    await verified(runtime)

    await unmerge(runtime, ADA, "bob", "not the same")
    await process_leads(runtime, ["ada", "bob"])
    assert await shown("bob") == await shown("alone")
    await verified(runtime)


async def test_a_merge_is_not_retracted(runtime, lead):
    await lead("ada")
    await lead("bob")
    await merge(runtime, ADA, "bob", "ada", "the same person")
    await process_leads(runtime, ["ada", "bob"])
    (event,) = [one for one in await runtime.capture.events.of_lead("ada") if one.type == "lead.absorbed"]
    with pytest.raises(Conflict, match="unmerge"):
        await retract_event(runtime, ADA, "ada", event.event_id, "a mistake")


async def test_concurrent_retractions_and_events_end_without_drift(runtime, lead, send):
    ids = await lead("ada")

    async def one(kind):
        await retract_event(runtime, ADA, "ada", ids[kind], "a bot")
        await send("ada", "page_view", hours_ago=55)
        await process_leads(runtime, ["ada"])

    await asyncio.gather(*(one(kind) for kind in ids))
    await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    assert state.activities == len(ids)
    await verified(runtime)

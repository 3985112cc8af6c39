"""A lead that cannot be folded: released after a mend, or freed of the event that holds it up."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

import workflows.leads.fold_arrived
import workflows.leads.fold_in_turns
import workflows.leads.rebuild
import workflows.replay.replay
from domain.errors import Conflict, NotFound, Unavailable
from domain.events.vocabulary import EVENT_DISCARDED
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.leads.step import step
from engine.capture.lenient import decode_lenient
from engine.operations.audit_log import Actor
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.dispatch.dispatch import dispatch_once
from workflows.dispatch.reconcile import reconcile
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.operations.discard_event import discard_event
from workflows.operations.release_lead import release_lead
from workflows.replay.replay import replay

ADA = Actor("command line", "ada@ops")
FOLDERS = (
    (workflows.leads.fold_arrived, "fold"),
    (workflows.replay.replay, "refold"),
    (workflows.leads.rebuild, "refold"),
)


@pytest.fixture
def poisoned(monkeypatch):
    """Makes every fold raise at events of type `poison`, as a wrong rule would."""

    def explode(state, events, rulebook):
        events = list(events)
        if any(event.type == "poison" for event in events):
            raise ZeroDivisionError("a rule divides by zero")
        return fold(state, events, rulebook)

    def explode_at_a_step(lead, event, rulebook):
        if event.type == "poison":
            raise ZeroDivisionError("a rule divides by zero")
        return step(lead, event, rulebook)

    for module, name in FOLDERS:
        monkeypatch.setattr(module, name, explode)
    monkeypatch.setattr(workflows.leads.fold_in_turns, "step", explode_at_a_step)
    return monkeypatch


@pytest.fixture
async def sick(runtime, poisoned):
    """A lead with a signup, then poison, then a download, quarantined at the poison."""
    types = ("signup", "poison", "download")
    await ingest(runtime, [EventInput(lead_id="sick", type=name, event_id=f"e-{name}") for name in types])
    await dispatch_once(runtime)
    await quarantine(runtime, "sick")
    return "sick"


async def quarantine(runtime, lead_id):
    for _ in range(runtime.settings.fold_attempts):
        await process_leads(runtime, [lead_id])
    assert (await runtime.operations.dead_letters.get(lead_id)).state == "quarantined"
    runtime.work_queue.leads.clear()


async def facts(runtime, lead_id):
    """The lead and its history, as stored."""
    rows = (await runtime.leads.history.of_leads([lead_id])).get(lead_id, [])
    return await runtime.leads.states.get(lead_id), rows


async def equals_its_replay(runtime, lead_id):
    """Whether state and history are, bit for bit, what a pure fold of the stored events gives."""
    events = await runtime.capture.events.of_lead(lead_id)
    right = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    state, rows = await facts(runtime, lead_id)
    verified = await replay(runtime, "verify")
    return state == right.state and tuple(rows) == right.rows and not (verified.drifted or verified.failed)


# --- Released ---


async def test_after_a_mend_a_released_lead_goes_on_where_it_stopped(runtime, sick, poisoned):
    poisoned.undo()
    assert await process_leads(runtime, [sick]) == 0  # it is quarantined still
    letter = await release_lead(runtime, ADA, sick)
    assert (letter.state, letter.attempts) == ("retrying", 0)
    assert runtime.work_queue.leads == [sick]
    assert await process_leads(runtime, [sick]) == 2
    assert (await runtime.leads.states.get(sick)).assessment.score == 30
    assert await runtime.operations.dead_letters.page(None, None, 100) == []
    assert await equals_its_replay(runtime, sick)


async def test_without_a_mend_it_is_quarantined_again_after_all_its_attempts(runtime, sick):
    await release_lead(runtime, ADA, sick)
    for attempt in range(1, runtime.settings.fold_attempts + 1):
        assert (await runtime.operations.dead_letters.get(sick)).state == "retrying"
        await process_leads(runtime, [sick])
        assert (await runtime.operations.dead_letters.get(sick)).attempts == attempt
    assert (await runtime.operations.dead_letters.get(sick)).state == "quarantined"


async def test_a_released_lead_whose_message_is_lost_is_found_though_the_mark_has_passed_it(
    runtime, sick, poisoned, monkeypatch
):
    poisoned.undo()
    assert await reconcile(runtime) == 0  # the mark moves past the quarantined lead

    async def away(_):
        raise Unavailable("Redis is away")

    with monkeypatch.context() as patch:
        patch.setattr(runtime.work_queue, "enqueue_leads", away)
        await release_lead(runtime, ADA, sick)
    assert runtime.work_queue.leads == []
    assert await reconcile(runtime) == 1
    assert runtime.work_queue.leads == [sick]
    await process_leads(runtime, [sick])
    assert await reconcile(runtime) == 0
    assert await equals_its_replay(runtime, sick)


async def test_a_letter_of_a_lead_that_has_nothing_left_to_apply_is_forgotten(runtime, send, apply):
    await send("ada", "signup")
    await apply("ada")
    await dispatch_once(runtime)
    await runtime.operations.dead_letters.record_failure(
        "ada", 0, "", "its rebuild failed once", runtime.now()
    )
    assert await reconcile(runtime) == 0
    assert await runtime.operations.dead_letters.page(None, None, 100) == []


async def test_a_lead_that_is_not_dead_cannot_be_released(runtime):
    with pytest.raises(NotFound, match="There is no dead letter of lead 'ada'"):
        await release_lead(runtime, ADA, "ada")


# --- Discarded ---


async def test_a_lead_goes_on_without_a_discarded_event_and_equals_its_replay(runtime, sick):
    await discard_event(runtime, ADA, sick, "e-poison", "written by a broken form")
    assert runtime.work_queue.leads == [sick]
    assert await process_leads(runtime, [sick]) == 2
    state, rows = await facts(runtime, sick)
    assert state.assessment.score == 30
    assert state.activities == 2
    assert [(row.type, row.event_id, row.new_score) for row in rows] == [
        ("signup", "e-signup", 20),
        (EVENT_DISCARDED, "e-poison", 20),
        ("download", "e-download", 30),
    ]
    assert await runtime.operations.dead_letters.page(None, None, 100) == []
    assert await equals_its_replay(runtime, sick)


async def test_it_stays_discarded_after_the_rules_were_fixed(runtime, sick, poisoned):
    await discard_event(runtime, ADA, sick, "e-poison", "written by a broken form")
    await process_leads(runtime, [sick])
    poisoned.undo()
    before = await facts(runtime, sick)
    report = await replay(runtime, "rebuild")
    assert (report.rebuilt, report.failed) == (0, {})
    assert await facts(runtime, sick) == before
    assert await equals_its_replay(runtime, sick)


async def test_readers_see_what_was_discarded_by_whom_and_why(runtime, sick, clock):
    await discard_event(runtime, ADA, sick, "e-poison", "written by a broken form")
    await process_leads(runtime, [sick])
    shown = decode_lenient((await runtime.capture.events.page_of_lead(sick, 10))[1])
    assert (shown.type, shown.event_id, shown.position, shown.source) == (
        EVENT_DISCARDED,
        "e-poison",
        2,
        "lead-engine",
    )
    assert shown.properties == {
        "type": "poison",
        "by": "command line (ada@ops)",
        "reason": "written by a broken form",
        "at": "2026-11-22T12:00:00+00:00",
    }
    assert shown.occurred_at == clock.at
    visible = await runtime.leads.history.page_of_lead(sick, 10, silent=False)
    assert EVENT_DISCARDED in [row.type for row in visible]
    assert await runtime.capture.discards.of_lead(sick) == [shown]
    assert await runtime.capture.discards.numbers(10) == {sick: 1}
    assert await runtime.capture.discards.count() == 1


async def test_every_way_to_read_the_lead_passes_over_it(runtime, sick):
    await discard_event(runtime, ADA, sick, "e-poison", "why")
    await process_leads(runtime, [sick])
    for how in ({}, {"as_of": runtime.now()}, {"known_at": runtime.now()}, {"without": ("download",)}):
        found = await read_intelligence(runtime, sick, **how)
        assert found.score == (20 if "without" in how else 30)


async def test_nothing_is_fired_by_what_is_discarded(runtime, sick):
    await discard_event(runtime, ADA, sick, "e-poison", "why")
    runtime.work_queue.due.clear()
    await process_leads(runtime, [sick])
    causes = {
        one.cause_position
        for one in await runtime.automations.executions.page(
            lead_id=sick, rule_id=None, state=None, after=None, limit=50
        )
    }
    assert 2 not in causes


async def test_its_content_and_its_id_stay(runtime, sick):
    before = await runtime.store.database["events"].find_one({"eventId": "e-poison"})
    await discard_event(runtime, ADA, sick, "e-poison", "why")
    after = await runtime.store.database["events"].find_one({"eventId": "e-poison"})
    assert {**after, "discarded": None} == {**before, "discarded": None}
    (again,) = await ingest(runtime, [EventInput(lead_id="sick", type="poison", event_id="e-poison")])
    assert (again.status, again.position) == ("duplicate", 2)


@pytest.mark.parametrize(
    "damage",
    [
        {"$unset": {"occurredAt": 1}},
        {"$unset": {"occurredAt": 1, "receivedAt": 1, "type": 1, "properties": 1, "source": 1}},
        {"$set": {"occurredAt": "yesterday", "schemaVersion": 99, "properties": "none"}},
        {"$set": {"occurredAt": 10**15, "type": None}},
    ],
)
async def test_an_event_that_cannot_be_read_can_be_discarded(runtime, send, apply, damage):
    await send("ada", "signup", hours_ago=1)
    await send("ada", "page_view")
    await send("ada", "download")
    await runtime.store.database["events"].update_one({"_id": 2}, damage)
    await quarantine(runtime, "ada")
    letter = await runtime.operations.dead_letters.get("ada")
    await discard_event(runtime, ADA, "ada", letter.event_id, "unreadable")
    await apply("ada")
    state, _ = await facts(runtime, "ada")
    assert (state.assessment.score, state.position) == (30, 3)
    assert await equals_its_replay(runtime, "ada")


async def test_a_lead_of_which_the_only_event_is_discarded_is_there_and_knows_nothing(
    runtime, send, poisoned
):
    await send("ada", "poison")
    await dispatch_once(runtime)
    await quarantine(runtime, "ada")
    letter = await runtime.operations.dead_letters.get("ada")
    await discard_event(runtime, ADA, "ada", letter.event_id, "why")
    await process_leads(runtime, ["ada"])
    state, rows = await facts(runtime, "ada")
    assert (state.assessment.score, state.activities, len(rows)) == (0, 0, 1)
    assert await reconcile(runtime) == 0
    assert await equals_its_replay(runtime, "ada")


async def test_only_the_event_at_which_the_lead_failed_can_be_discarded(runtime, sick, send):
    with pytest.raises(Conflict, match="held up by event 'e-poison', not by 'e-signup'"):
        await discard_event(runtime, ADA, sick, "e-signup", "why")
    with pytest.raises(NotFound, match="There is no dead letter of lead 'ada'"):
        await discard_event(runtime, ADA, "ada", "e-poison", "why")
    await release_lead(runtime, ADA, sick)
    with pytest.raises(Conflict, match="is being folded again"):
        await discard_event(runtime, ADA, sick, "e-poison", "why")
    assert await runtime.capture.discards.count() == 0


async def test_where_the_event_is_not_known_any_of_the_lead_can_be_named_and_none_of_another(
    runtime, send, apply
):
    await ingest(
        runtime,
        [EventInput(lead_id=lead, type="signup", event_id=f"e-{lead}-{n}") for lead in "ab" for n in (1, 2)],
    )
    await apply("a", "b")
    for _ in range(runtime.settings.fold_attempts):
        await runtime.operations.dead_letters.record_failure("a", 0, "", "its worker died", runtime.now())
    with pytest.raises(NotFound, match="There is no event of lead 'a' 'e-b-1'"):
        await discard_event(runtime, ADA, "a", "e-b-1", "why")
    await discard_event(runtime, ADA, "a", "e-a-1", "it was applied already")
    assert (await read_intelligence(runtime, "a")).score == 20
    await apply("a")
    assert await runtime.operations.dead_letters.states(["a"]) == {"a": "retrying"}
    assert await reconcile(runtime) == 0
    assert await runtime.operations.dead_letters.page(None, None, 100) == []
    state, _ = await facts(runtime, "a")
    assert (state.assessment.score, state.position) == (20, 2)
    assert await equals_its_replay(runtime, "a")
    assert await equals_its_replay(runtime, "b")


async def test_of_two_concurrent_discards_one_is_a_conflict(runtime, sick):
    tries = [discard_event(runtime, ADA, sick, "e-poison", f"reason {n}") for n in range(3)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(end) for end in ends].count(Conflict) == 2
    assert await runtime.capture.discards.count() == 1


async def test_a_discarded_event_does_not_end_a_silence(runtime, poisoned, send, apply, clock):
    await send("ada", "signup")
    await apply("ada")
    before = (await runtime.leads.states.get("ada")).last_activity_at
    clock.at += 5 * 86_400_000
    await send("ada", "poison")
    await quarantine(runtime, "ada")
    letter = await runtime.operations.dead_letters.get("ada")
    await discard_event(runtime, ADA, "ada", letter.event_id, "why")
    await apply("ada")
    state = await runtime.leads.states.get("ada")
    assert state.last_activity_at == before
    assert state.clock == clock.at  # but time has come this far
    assert await equals_its_replay(runtime, "ada")


async def test_what_people_did_is_in_the_audit_log(runtime, sick, clock):
    await release_lead(runtime, ADA, sick)
    clock.at += 1000
    await quarantine(runtime, sick)
    await discard_event(runtime, ADA, sick, "e-poison", "written by a broken form")
    discarded, retried = await runtime.operations.audit.page(sick, None, 10)
    assert (retried.action.name, discarded.action.name) == ("dead_letter.retried", "dead_letter.discarded")
    assert retried.actor == discarded.actor == ADA
    assert (retried.action.before["state"], retried.action.after["state"]) == ("quarantined", "retrying")
    assert discarded.action.after == {
        "eventId": "e-poison",
        "position": 2,
        "type": "poison",
        "why": "written by a broken form",
    }


async def test_the_comparison_with_a_replay_notices_a_mark_that_nobody_folded(runtime, send, apply):
    """The control: a mark that is set behind the engine's back is a drift."""
    await send("ada", "signup", "download")
    await apply("ada")
    assert await equals_its_replay(runtime, "ada")
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(runtime.store.client.start_session())
        await runtime.capture.discards.mark(1, "nobody", "", runtime.now(), session)
    assert not await equals_its_replay(runtime, "ada")

"""Events become states, history and automations, all in one transaction."""

from __future__ import annotations

import asyncio

import pytest
from bson.datetime_ms import DatetimeMS

from domain.decisions.assessment import Assessment
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.rulebooks.rulebook import Rulebook
from engine.runtime import open_runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads import fold_arrived as module
from workflows.leads.process import process_leads

SIX = ("page_view", "email_open", "page_view", "download", "signup", "demo_request")


async def test_six_events_give_65_points_and_their_history(runtime, send, apply, rows_of):
    await send("ada", *SIX)
    assert await apply("ada") == 6
    state = await runtime.leads.states.get("ada")
    assert (state.assessment.score, state.assessment.stage, state.position) == (65, "qualified", 6)
    assert [row.new_score for row in await rows_of("ada")] == [1, 4, 5, 15, 35, 65]


async def test_applying_again_changes_nothing(runtime, send, apply, rows_of):
    await send("ada", *SIX)
    await apply("ada")
    before = await runtime.leads.states.get("ada"), await rows_of("ada")
    assert await apply("ada") == 0
    assert (await runtime.leads.states.get("ada"), await rows_of("ada")) == before


async def test_a_lead_without_events_is_not_created(runtime, apply):
    assert await apply("nobody") == 0
    assert await runtime.leads.states.get("nobody") is None


async def test_more_events_than_one_transaction_takes_are_all_applied(settings, runtime, rows_of):
    small = settings.model_copy(update={"fold_batch_events": 7})
    async with open_runtime(small, work_queue=runtime.work_queue, now=runtime.now) as limited:
        events = [EventInput(lead_id=lead, type="page_view") for _ in range(25) for lead in ("ada", "bob")]
        await ingest(limited, events)
        assert await process_leads(limited, ["ada", "bob"]) == 50
    assert [row.new_score for row in await rows_of("ada")] == list(range(1, 26))
    assert [row.new_score for row in await rows_of("bob")] == list(range(1, 26))


async def test_workers_on_the_same_leads_at_once_apply_each_event_once(runtime, send, rows_of):
    leads = [f"lead-{n}" for n in range(10)]
    for lead in leads:
        await send(lead, *SIX)
    counts = await asyncio.gather(*(process_leads(runtime, leads) for _ in range(6)))
    assert sum(counts) == 60
    for lead in leads:
        assert [row.new_score for row in await rows_of(lead)] == [1, 4, 5, 15, 35, 65]


async def test_events_that_arrive_while_workers_run_are_never_lost_or_doubled(runtime, send, rows_of):
    async def sender() -> None:
        for _ in range(30):
            await send("hot", "page_view")

    async def worker() -> None:
        for _ in range(30):
            await process_leads(runtime, ["hot"])

    await asyncio.gather(sender(), worker(), worker(), worker())
    await process_leads(runtime, ["hot"])
    assert [row.new_score for row in await rows_of("hot")] == list(range(1, 31))


async def test_automations_are_written_with_the_state_and_announced_after_it(runtime, send, apply):
    await send("ada", *SIX)
    await apply("ada")
    executions = await runtime.automations.executions.page(
        lead_id="ada", rule_id=None, state=None, after=None, limit=10
    )
    assert {
        (one.rule_id, one.date_bucket, one.execution_state, one.cause_position) for one in executions
    } == {
        ("call-qualified-lead", "2026-W47", "pending", 6),
        ("answer-demo-request", "2026-11-22", "pending", 6),
    }
    assert runtime.work_queue.due == ["automation"]


async def test_an_automation_fires_once_in_its_period_however_often_it_is_caused(runtime, send, apply):
    for _ in range(3):
        await send("ada", "demo_request")
        await apply("ada")
    await send("ada", "demo_request", hours_ago=24)
    await apply("ada")
    found = await runtime.automations.executions.page(
        lead_id="ada", rule_id="answer-demo-request", state=None, after=None, limit=10
    )
    assert sorted(one.date_bucket for one in found) == ["2026-11-21", "2026-11-22"]


async def test_history_from_long_ago_fires_nothing(runtime, send, apply):
    await send("old", *SIX, hours_ago=24 * 400)
    await apply("old")
    assert (
        await runtime.automations.executions.page(
            lead_id="old", rule_id=None, state=None, after=None, limit=10
        )
        == []
    )


@pytest.fixture
def poisoned(monkeypatch):
    """Makes the fold raise at every event of type `poison`, as a wrong rule would."""

    def explode(state, events, rulebook):
        for event in events:
            if event.type == "poison":
                raise ZeroDivisionError("a rule divides by zero")
        return fold(state, events, rulebook)

    monkeypatch.setattr(module, "fold", explode)
    return monkeypatch


async def test_a_lead_whose_fold_raises_is_quarantined_while_all_others_go_on(
    runtime, send, rows_of, poisoned
):
    others = [f"lead-{n}" for n in range(20)]
    for lead in [*others, "sick"]:
        await send(lead, "signup")
    poison = await send("sick", "poison")
    await send("sick", "page_view")
    for attempt in range(1, 4):
        await process_leads(runtime, ["sick", *others])
        (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
        assert letter.attempts == attempt
    assert (letter.lead_id, letter.position, letter.state) == ("sick", poison, "quarantined")
    assert "ZeroDivisionError: a rule divides by zero" in letter.reason
    assert [row.new_score for row in await rows_of("sick")] == [20]
    assert [[row.new_score for row in await rows_of(lead)] for lead in others] == [[20]] * 20


async def test_a_quarantined_lead_is_left_alone_until_it_is_released(runtime, send, rows_of, poisoned):
    await send("sick", "poison", "signup")
    for _ in range(5):
        await process_leads(runtime, ["sick"])
    assert (await runtime.operations.dead_letters.page(None, None, 100))[0].attempts == 3
    poisoned.undo()
    assert await process_leads(runtime, ["sick"]) == 0
    await runtime.operations.dead_letters.resolve(["sick"])
    assert await process_leads(runtime, ["sick"]) == 2
    assert [row.new_score for row in await rows_of("sick")] == [0, 20]


async def test_a_lead_that_recovers_before_quarantine_loses_its_dead_letter(runtime, send, poisoned):
    await send("sick", "poison")
    await process_leads(runtime, ["sick"])
    assert (await runtime.operations.dead_letters.page(None, None, 100))[0].state == "retrying"
    poisoned.undo()
    await process_leads(runtime, ["sick"])
    assert await runtime.operations.dead_letters.page(None, None, 100) == []


async def test_an_undecodable_document_quarantines_its_lead_with_the_reason(runtime, send, apply):
    await send("sick", "signup")
    await send("well", "signup")
    await runtime.store.database["events"].update_one({"leadId": "sick"}, {"$unset": {"occurredAt": 1}})
    await apply("sick", "well")
    (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
    assert letter.lead_id == "sick"
    assert "'occurredAt' is missing" in letter.reason
    assert (await runtime.leads.states.get("well")).assessment.score == 20


async def test_a_lead_scored_by_another_rulebook_is_rebuilt_before_it_goes_on(
    runtime, settings, send, rows_of
):
    await send("ada", *SIX)
    await process_leads(runtime, ["ada"])
    runtime.work_queue.due.clear()
    content = runtime.rulebook.document.model_dump(by_alias=True)
    content["version"] = 3
    content["score"]["rules"][0]["points"] = 100
    rules = Rulebook.model_validate(content)
    async with open_runtime(
        settings, rulebook=rules, work_queue=runtime.work_queue, now=runtime.now
    ) as newer:
        await send("ada", "email_open")
        await process_leads(newer, ["ada"])
    assert [row.new_score for row in await rows_of("ada")] == [100, 103, 203, 213, 233, 263, 266]
    assert {row.rulebook for row in await rows_of("ada")} == {"classic@3"}
    assert runtime.work_queue.due == []


async def test_state_is_what_a_pure_fold_of_the_events_gives(runtime, send, apply):
    for hours in (300, 200, 100, 50, 2, 1):
        await send("ada", "download", "page_view", hours_ago=hours)
        await apply("ada")
    events = await runtime.capture.events.of_lead("ada")
    pure = fold(initial_state("ada", runtime.rulebook), events, runtime.rulebook).state
    stored = await runtime.leads.states.get("ada")
    assert stored == pure
    assert isinstance(stored.assessment, Assessment)


async def test_a_date_beyond_all_calendars_quarantines_its_lead_alone(runtime, send, apply):
    for lead in ("well", "sick", "fine"):
        await send(lead, "signup")
    beyond = {"$set": {"occurredAt": DatetimeMS(2**60)}}
    await runtime.store.database["events"].update_one({"leadId": "sick"}, beyond)
    await apply("well", "sick", "fine")
    (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
    assert (letter.lead_id, letter.position) == ("sick", 2)
    assert [(await runtime.leads.states.get(lead)).assessment.score for lead in ("well", "fine")] == [20, 20]


async def test_whatever_fails_a_whole_batch_is_put_down_to_the_lead_that_it_is_about(
    runtime, send, apply, monkeypatch
):
    leads = [f"lead-{n}" for n in range(9)]
    for lead in leads:
        await send(lead, "signup")
    right = runtime.leads.states.get_encoded

    async def get_encoded(lead_ids, session):
        if "lead-5" in lead_ids:
            raise OverflowError("something about lead-5")
        return await right(lead_ids, session)

    with monkeypatch.context() as broken:
        broken.setattr(runtime.leads.states, "get_encoded", get_encoded)
        assert await apply(*leads) == 8
    (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
    assert (letter.lead_id, letter.reason) == ("lead-5", "OverflowError: something about lead-5")
    assert await apply(*leads) == 1
    assert await runtime.operations.dead_letters.page(None, None, 100) == []


async def test_a_lead_whose_stored_state_cannot_be_read_is_rebuilt(runtime, send, apply, rows_of):
    for lead in ("ada", "bob"):
        await send(lead, "signup")
        await apply(lead)
        await send(lead, "download")
    await runtime.store.database["leads"].update_one({"_id": "ada"}, {"$set": {"state": {"leadId": 7}}})
    await apply("ada", "bob")
    for lead in ("ada", "bob"):
        assert [row.new_score for row in await rows_of(lead)] == [20, 30]
        assert (await runtime.leads.states.get(lead)).assessment.score == 30
    assert await runtime.operations.dead_letters.page(None, None, 100) == []

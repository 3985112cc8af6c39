"""A replay of all events gives what is stored, finds every drift, and mends it without firing anything."""

from __future__ import annotations

import asyncio
import json

import pytest

from domain.instant import DAY, HOUR
from domain.rulebooks.compiled import compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.leads.history_store import HistoryStore
from engine.leads.lead_document import StoredLead
from workflows.decay.decay import apply_decay
from workflows.dispatch.reconcile import reconcile
from workflows.leads.process import process_leads
from workflows.replay import replay as module
from workflows.replay.replay import replay

TYPES = ("page_view", "email_open", "download", "signup", "demo_request", "unknown")


@pytest.fixture
async def populated(runtime, send, apply, clock):
    """Twelve leads with a history of their own, decay and late events among it."""
    leads = [f"lead-{n:02}" for n in range(12)]
    for n, lead in enumerate(leads):
        await send(lead, *TYPES[: 1 + n % 6], hours_ago=n * 30)
    await apply(*leads)
    clock.at += 9 * DAY
    await apply_decay(runtime)
    await apply(*leads)
    for n, lead in enumerate(leads[::2]):
        await send(lead, *TYPES[n % 4 :], hours_ago=n * 50)
    await apply(*leads)
    runtime.work_queue.due.clear()
    return leads


async def test_a_replay_of_an_untouched_store_finds_no_drift(runtime, populated):
    report = await replay(runtime, "verify")
    assert (report.leads, report.drifted, report.failed) == (12, [], {})
    assert report.events == await runtime.capture.log.count()


@pytest.mark.parametrize(
    ("place", "value"),
    [("score.registers.page_view.points", 1000.5), ("reading.stage", "hot"), ("tags", ["x"])],
)
async def test_verify_finds_a_single_changed_value_of_a_state(runtime, populated, tamper, place, value):
    await tamper(place, value, "lead-03")
    assert (await replay(runtime, "verify")).drifted == ["lead-03"]


async def test_verify_finds_a_single_changed_bit_of_a_history(runtime, populated):
    await runtime.store.database["scoreHistory"].update_one(
        {"leadId": "lead-03"}, {"$inc": {"newScore": 1e-9}}
    )
    assert (await replay(runtime, "verify")).drifted == ["lead-03"]


async def test_a_missing_row_of_history_is_drift(runtime, populated):
    await runtime.store.database["scoreHistory"].delete_one({"leadId": "lead-05"})
    assert (await replay(runtime, "verify")).drifted == ["lead-05"]


async def test_rebuilding_mends_what_drifted_and_touches_nothing_else(runtime, populated, tamper):
    await tamper("activities", 5, "lead-03")
    await runtime.store.database["scoreHistory"].delete_one({"leadId": "lead-05"})
    report = await replay(runtime)
    assert (report.rebuilt, report.drifted) == (2, ["lead-03", "lead-05"])
    assert (await replay(runtime, "verify")).drifted == []


async def test_rebuilding_fires_no_automation(runtime, populated, tamper):
    before = await runtime.store.database["automationExecutions"].count_documents({})
    await tamper("rulebook", "older@1")
    assert (await replay(runtime)).rebuilt == 12
    assert await runtime.store.database["automationExecutions"].count_documents({}) == before
    assert runtime.work_queue.due == []


async def test_lost_leads_and_history_come_back_from_the_events_alone(runtime, populated):
    await runtime.store.checkpoints.advance("dispatcher", await runtime.capture.log.end())
    assert await reconcile(runtime) == 0
    states = [await runtime.leads.states.get(lead) for lead in populated]
    await runtime.store.database["leads"].delete_many({})
    await runtime.store.database["scoreHistory"].delete_many({})
    assert (await replay(runtime)).rebuilt == 12
    assert [await runtime.leads.states.get(lead) for lead in populated] == states
    assert runtime.work_queue.due == []
    assert (await replay(runtime, "verify")).drifted == []


async def test_events_that_are_not_applied_yet_are_left_to_the_workers(runtime, populated, send, tamper):
    position = await send("lead-01", "demo_request")
    await tamper("activities", 99, "lead-01")
    await replay(runtime)
    assert (await runtime.leads.states.get("lead-01")).position < position
    await process_leads(runtime, ["lead-01"])
    assert len(runtime.work_queue.due) >= 1
    assert (await replay(runtime, "verify")).drifted == []


async def test_a_replay_while_events_arrive_leaves_no_drift(runtime, populated, send, tamper):
    await tamper("rulebook", "older@1")

    async def live() -> None:
        for n in range(40):
            lead = populated[n % 12]
            await send(lead, "page_view")
            await process_leads(runtime, [lead])

    await asyncio.gather(live(), replay(runtime), replay(runtime))
    assert (await replay(runtime, "verify")).drifted == []
    assert await runtime.leads.lists.count() == 12


async def test_a_stopped_rebuild_goes_on_where_it_ended(runtime, populated, monkeypatch, tamper):
    monkeypatch.setattr(module, "_LEADS_AT_A_TIME", 5)
    await tamper("rulebook", "older@1")

    def stop(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replay(runtime, on_progress=stop)
    report = await replay(runtime)
    assert (report.leads, report.rebuilt) == (7, 7)
    assert (await replay(runtime, "verify")).drifted == []


async def test_one_lead_can_be_replayed_alone(runtime, populated, tamper):
    await tamper("activities", 99)
    report = await replay(runtime, lead_id="lead-04")
    assert (report.leads, report.drifted) == (1, ["lead-04"])
    assert len((await replay(runtime, "verify")).drifted) == 11


async def test_a_dry_run_lists_leads_that_would_move_and_changes_nothing(runtime, send, apply):
    await send("ada", "page_view", "page_view")
    await send("bob", "download")
    await send("cid", "signup")
    await apply("ada", "bob", "cid")
    content = runtime.rulebook.document.model_dump(by_alias=True)
    content["score"]["rules"][0]["points"] = 20
    content["name"] = "generous"
    report = await replay(runtime, "dry-run", rulebook=compile_rulebook(Rulebook.model_validate(content)))
    assert report.changed_stage == 1
    assert [tuple(move) for move in report.moves] == [("ada", 2.0, 40.0, "cold", "hot")]
    assert (await replay(runtime, "verify")).drifted == []


async def test_a_lead_that_cannot_be_folded_is_named_and_the_others_are_replayed(
    runtime, populated, monkeypatch
):
    honest = module.refold

    def explode(state, events, rulebook):
        if state.lead_id == "lead-07":
            raise ZeroDivisionError("a rule divides by zero")
        return honest(state, events, rulebook)

    monkeypatch.setattr(module, "refold", explode)
    report = await replay(runtime, "verify")
    assert report.failed == {"lead-07": "ZeroDivisionError: a rule divides by zero"}
    assert (report.leads, report.drifted) == (12, [])


async def test_time_alone_is_no_drift(runtime, populated, clock):
    clock.at += 100 * DAY + 3 * HOUR
    assert (await replay(runtime, "verify")).drifted == []


async def test_events_and_states_that_cannot_be_read_do_not_end_a_replay(runtime, populated):
    events, leads = runtime.store.database["events"], runtime.store.database["leads"]
    first, second, *_ = populated
    await events.update_one({"leadId": first}, {"$set": {"schemaVersion": 99}})
    await leads.update_one({"_id": second}, {"$set": {"state": {}}})
    report = await replay(runtime, "verify")
    assert list(report.failed) == [first]
    assert report.drifted == [second]
    report = await replay(runtime, "rebuild")
    assert (list(report.failed), report.rebuilt) == ([first], 1)
    assert (await replay(runtime, "verify")).drifted == []


async def test_where_nothing_differs_no_row_and_no_state_is_decoded(runtime, populated, monkeypatch):
    def decoded(*_):
        raise AssertionError("it was decoded")

    monkeypatch.setattr(HistoryStore, "of_leads", decoded)
    monkeypatch.setattr(StoredLead, "decode", decoded)
    assert (await replay(runtime, "verify")).drifted == []


async def test_rows_that_cannot_be_had_in_one_reply_are_read_one_by_one(runtime, populated, monkeypatch):
    async def nothing(*_):
        return b""

    monkeypatch.setattr(HistoryStore, "as_stored", nothing)
    assert (await replay(runtime, "verify")).drifted == []
    await runtime.store.database["scoreHistory"].delete_one({"leadId": "lead-05"})
    assert (await replay(runtime, "verify")).drifted == ["lead-05"]


async def test_a_state_that_an_earlier_release_wrote_in_other_words_is_no_drift(runtime, populated):
    leads = runtime.store.database["leads"]
    state = json.loads((await leads.find_one({"_id": "lead-03"}))["state"])
    await leads.update_one({"_id": "lead-03"}, {"$set": {"state": json.dumps(state, indent=1)}})
    assert (await replay(runtime, "verify")).drifted == []

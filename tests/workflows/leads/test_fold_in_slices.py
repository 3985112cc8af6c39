"""Leads with too many events for one transaction are folded again in slices, and come out as a fold of all events gives."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.events.applied_positions import AppliedPositions
from domain.instant import to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.operations.audit_log import ENGINE
from engine.rulebooks.library import load_rulebook
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.identity.merge import merge
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads import fold_in_slices as module
from workflows.leads.process import process_leads
from workflows.leads.rebuild import rebuild_lead
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.replay.replay import replay
from workflows.rulebooks.activate import activate_rulebook

EVENTS = 1500
SLICE = 200


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A thousand events are too many for one transaction, and a slice has two hundred."""
    for name in ("fold_in_slices", "long_folds", "rebuild", "apply_events"):
        monkeypatch.setattr(f"workflows.leads.{name}.MOST_AT_ONCE", 1000)
    monkeypatch.setattr(module, "_SLICE", SLICE)
    monkeypatch.setattr(module, "_LEASE", 0)  # a run that has ended leaves nobody to wait for


@pytest.fixture
async def long(runtime, monkeypatch):
    """A lead of 1,500 events over ten days, without checkpoints, so that any late event folds it from the first."""
    monkeypatch.setattr("workflows.leads.fold_start.SHORT", 10**9)
    now = to_datetime(runtime.now())
    step = timedelta(days=10) / EVENTS
    for start in range(0, EVENTS, 500):
        await ingest(
            runtime,
            [
                EventInput(
                    lead_id="ada",
                    type=("page_view", "download", "email_open")[number % 3],
                    occurred_at=now - timedelta(days=10) + step * number,
                )
                for number in range(start, start + 500)
            ],
        )
        await process_leads(runtime, ["ada"])
    return runtime


@pytest.fixture
def transactions(monkeypatch):
    """Run what a test gives before each transaction of the slices, with its number from 1 on."""
    honest, count = module.transact, [0]
    before = {}

    async def noting(client, body):
        count[0] += 1
        if count[0] in before:
            await before[count[0]]()
        return await honest(client, body)

    monkeypatch.setattr(module, "transact", noting)
    before["count"] = count
    return before


async def late(runtime, *days_ago, lead_id="ada", type_="demo_request"):
    now = to_datetime(runtime.now())
    await ingest(
        runtime,
        [
            EventInput(lead_id=lead_id, type=type_, occurred_at=now - timedelta(days=days))
            for days in days_ago
        ],
    )


async def assert_right(runtime):
    """The lead is what a fold of all its events gives, history included, and nothing is left over."""
    events = await runtime.capture.events.of_lead("ada")
    whole = fold(initial_state("ada", runtime.rulebook), events, runtime.rulebook)
    assert await runtime.leads.states.get("ada") == whole.state
    rows = (await runtime.leads.history.of_leads(["ada"]))["ada"]
    assert tuple(rows) == whole.rows
    assert (await replay(runtime, "verify")).drifted == []
    assert await runtime.leads.slices.get_many(["ada"]) == {}


@pytest.mark.parametrize("days_ago", [(9.7,), (20, 5, 9.99, 0.001), (5, 5, -1)])
async def test_late_events_of_a_long_lead_give_the_fold_of_all(long, transactions, days_ago):
    await late(long, *days_ago)
    assert await process_leads(long, ["ada"]) == len(days_ago)
    assert transactions["count"][0] >= 1250 // SLICE
    await assert_right(long)


@pytest.mark.parametrize("at", range(2, 10))
async def test_a_process_that_ends_between_any_two_slices_leaves_the_rest_to_the_next_one(
    long, transactions, at
):
    class Killed(BaseException):
        pass

    async def kill():
        raise Killed

    before = await long.leads.states.get("ada")
    transactions[at] = kill
    await late(long, 8, 3)
    try:
        await process_leads(long, ["ada"])
    except Killed:
        assert await long.leads.states.get("ada") == before
        report = await replay(long, "verify")
        assert (report.drifted, report.outdated) == ([], int(at > 3))
    else:
        pytest.fail("the process did not come so far")
    await late(long, 9)  # arrives meanwhile, and comes after what was begun

    await process_leads(long, ["ada"])
    await assert_right(long)


async def test_control_a_next_one_that_begins_behind_the_lost_slice_would_be_wrong(
    long, transactions, monkeypatch
):
    """If progress were stored apart from the rows, a process that ends between the two would leave rows as they were."""
    honest = long.leads.history.rewrite
    lost = []

    async def losing(lead_id, place, rows, session):
        if not lost:
            lost.append(place)
            return
        await honest(lead_id, place, rows, session)

    monkeypatch.setattr(long.leads.history, "rewrite", losing)
    await late(long, 8, 3)
    await process_leads(long, ["ada"])
    with pytest.raises(AssertionError):
        await assert_right(long)


async def test_reads_are_right_while_slices_go_on_and_other_leads_are_applied(long, transactions):
    seen = []

    async def look():
        await late(long, 0.5, lead_id="bob", type_="signup")
        await process_leads(long, ["bob"])
        found = await read_intelligence(long, "ada")
        known = await read_intelligence(long, "ada", as_of=long.now())
        seen.append((found.position, known.position, (await long.leads.states.get("bob")).events))

    await late(long, 8)
    (before, _) = (await long.leads.states.get("ada")).position, transactions.setdefault(4, look)
    await process_leads(long, ["ada"])
    assert seen[0][0] == before
    assert seen[0][2] == 1
    await assert_right(long)


async def test_a_message_with_other_leads_applies_those_before_the_slices_begin(long, transactions):
    applied = []

    async def look():
        applied.append(await long.leads.states.get("bob"))

    transactions[1] = look
    await late(long, 8)
    await late(long, 1, lead_id="bob", type_="signup")
    await process_leads(long, ["ada", "bob"])
    assert applied[0] is not None
    await assert_right(long)


async def test_two_processes_at_once_write_each_slice_once(long, monkeypatch):
    monkeypatch.setattr(module, "_LEASE", 30_000)
    await late(long, 8)
    await asyncio.gather(module.fold_late_in_slices(long, "ada"), module.fold_late_in_slices(long, "ada"))
    await process_leads(long, ["ada"])
    await assert_right(long)


async def test_a_run_that_was_taken_over_ends_and_the_other_goes_on(long, transactions):
    async def take_over():
        await module.fold_late_in_slices(long, "ada")

    transactions[4] = take_over
    await late(long, 8)
    await process_leads(long, ["ada"])
    await process_leads(long, ["ada"])
    await assert_right(long)


async def test_a_late_event_of_a_long_lead_fires_what_it_brings_about_once(long):
    await late(long, 2, type_="signup")
    await process_leads(long, ["ada"])
    state = await long.leads.states.get("ada")
    assert state.position == await long.capture.events.last_of_lead("ada")
    await assert_right(long)


async def test_of_late_events_the_one_that_cannot_be_folded_is_named_and_those_before_it_are_applied(
    long, monkeypatch
):
    from domain.leads import fold as folding  # noqa: PLC0415

    honest = folding.step

    def step(lead, event, rulebook):
        if event.type == "poison":
            raise ZeroDivisionError("a rule divides by zero")
        return honest(lead, event, rulebook)

    monkeypatch.setattr(folding, "step", step)
    await late(long, 5)
    await late(long, 4, type_="poison")
    await late(long, 9)
    await process_leads(long, ["ada"])

    letter = await long.operations.dead_letters.get("ada")
    state = await long.leads.states.get("ada")
    assert (state.position, letter.position) == (EVENTS + 1, EVENTS + 2)
    assert "divides by zero" in letter.reason
    events = await long.capture.events.of_lead("ada", up_to=AppliedPositions(EVENTS + 1))
    whole = fold(initial_state("ada", long.rulebook), events, long.rulebook)
    assert state == whole.state
    rows = (await long.leads.history.of_leads(["ada"]))["ada"]
    assert tuple(rows) == whole.rows


@pytest.mark.parametrize("killed_at", [None, 4, 8])
async def test_events_of_a_long_lead_are_retracted_in_slices(long, transactions, killed_at):
    class Killed(BaseException):
        pass

    async def kill():
        raise Killed

    events = await long.capture.events.of_lead("ada")
    for number in (400, 1100, 1400):
        await retract_event(long, ENGINE, "ada", events[number].event_id, "a bot")
    await late(long, 0.5)
    if killed_at is not None:
        transactions[killed_at] = kill
        with pytest.raises(Killed):
            await process_leads(long, ["ada"])
    await process_leads(long, ["ada"])
    state = await long.leads.states.get("ada")
    assert (state.events, state.activities) == (EVENTS + 4, EVENTS + 1 - 3)
    await assert_right(long)


async def test_a_rebuild_of_a_long_lead_goes_in_slices_and_corrects_every_row(long, transactions):
    rows = long.store.database["scoreHistory"]
    await rows.update_many({"leadId": "ada", "_id": {"$gt": 700}}, {"$set": {"newScore": 1.0}})
    await rows.delete_many({"leadId": "ada", "_id": {"$in": [3, 900, EVENTS]}})
    await rows.insert_one({**(await rows.find_one({"_id": 5})), "_id": 10**6})
    await rebuild_lead(long, "ada")
    assert transactions["count"][0] >= 1250 // SLICE
    await assert_right(long)


@pytest.mark.parametrize("at", range(2, 10))
async def test_a_change_of_rules_that_ends_between_two_slices_goes_on(long, transactions, at):
    class Killed(BaseException):
        pass

    async def kill():
        raise Killed

    await activate_rulebook(long, ENGINE, load_rulebook("standard"))
    transactions[at] = kill
    with pytest.raises(Killed):
        await process_leads(long, ["ada"])
    assert (await replay(long, "verify")).outdated == 1
    await rebuild_outdated(long)
    await assert_right(long)


async def test_a_late_event_of_either_stream_of_a_merged_lead_gives_the_fold_of_both(long, transactions):
    now = to_datetime(long.now())
    step = timedelta(days=10) / 300
    web = [
        EventInput(lead_id="web", type="page_view", occurred_at=now - timedelta(days=10) + step * number)
        for number in range(300)
    ]
    await ingest(long, web)
    await process_leads(long, ["web"])
    await merge(long, ENGINE, "web", "ada", "one person")
    await process_leads(long, ["ada"])
    transactions["count"][0] = 0
    await late(long, 9.7, lead_id="web")
    await late(long, 4.2)
    assert await process_leads(long, ["ada", "web"]) == 2
    assert transactions["count"][0] >= 1500 // SLICE
    state = await long.leads.states.get("ada")
    assert state.events > EVENTS + 300
    events = await long.capture.events.of_lead("ada")
    whole = fold(initial_state("ada", long.rulebook), events, long.rulebook)
    assert state == whole.state
    assert (await replay(long, "verify")).drifted == []
    assert await long.leads.slices.get_many(["ada", "web"]) == {}

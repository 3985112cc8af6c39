"""Leads whose streams lie in two partitions of the log: merged, moved on in either, and parted again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from domain.events.applied_positions import AppliedPositions
from domain.events.partition import partition_at
from domain.events.vocabulary import LEAD_ABSORBED, LEAD_MERGED
from domain.identity.membership import Merge
from engine.capture.log.writer import AppendConflict
from engine.operations.audit_log import Actor
from tests.workflows.partitioned import leads_of, tell, verified, with_partitions
from workflows.capture.retract import retract_event
from workflows.dispatch.dispatch import dispatch_once
from workflows.dispatch.reconcile import reconcile
from workflows.identity import merge as merging
from workflows.identity.membership_change import append_pair, membership_event
from workflows.identity.merge import merge, unmerge
from workflows.intelligence.intelligence import wait_until_applied
from workflows.leads import fold_in_slices
from workflows.leads.process import process_leads
from workflows.leads.rebuild_outdated import rebuild_outdated

BY = Actor("key", "tests", "k1")
LOW, THIRD, TWIN, *_ = leads_of(0, 2, 3)
HIGH, *_ = leads_of(1, 2, 1)
BOTH_WAYS = pytest.mark.parametrize(("part", "whole"), [(LOW, HIGH), (HIGH, LOW)], ids=["up", "down"])


@pytest.fixture
async def engine(runtime):
    async with with_partitions(runtime, 2) as opened:
        yield opened


async def score(engine, lead_id):
    return (await engine.leads.states.get(lead_id)).assessment.score


async def history(engine, lead_id):
    return (await engine.leads.history.of_leads([lead_id])).get(lead_id, [])


@BOTH_WAYS
async def test_a_merge_appends_to_both_partitions_and_has_applied_both(engine, part, whole):
    await tell(engine, part, ("page_view", 9), ("signup", 3))
    await tell(engine, whole, ("download", 6))
    await merge(engine, BY, part, whole, "one person")
    state = await engine.leads.states.get(whole)
    events = await engine.capture.events.of_lead(whole)
    assert [one.type for one in events if one.stream_id == part][-1] == LEAD_MERGED
    assert [one.type for one in events if one.stream_id == whole][-1] == LEAD_ABSORBED
    assert state.applied == AppliedPositions.of(one.position for one in events)
    assert len(state.applied.positions) == 2
    await tell(engine, TWIN, ("page_view", 9), ("download", 6), ("signup", 3))
    assert await score(engine, whole) == pytest.approx(await score(engine, TWIN))
    await verified(engine)


@BOTH_WAYS
async def test_events_in_either_partition_late_or_not_are_applied_once(engine, part, whole):
    await tell(engine, part, ("page_view", 9), ("signup", 3))
    await tell(engine, whole, ("download", 6))
    await merge(engine, BY, part, whole, "one person")
    for lead_id, kind, days in (
        (part, "page_view", 1),
        (whole, "email_open", 8),
        (part, "download", 7),
        (whole, "signup", 0),
    ):
        position = await tell(engine, lead_id, (kind, days), apply=False)
        before = await engine.leads.states.get(whole)
        assert not before.applied.includes(position)
        assert await process_leads(engine, [part]) == 1
        after = await engine.leads.states.get(whole)
        assert after.applied == before.applied.moved_to([position])
        assert await process_leads(engine, [part, whole]) == 0
        await verified(engine)
    rows = await history(engine, whole)
    assert [row.occurred_at for row in rows] == sorted(row.occurred_at for row in rows)
    assert len(rows) == len({row.event_id for row in rows}) == 9


@pytest.mark.parametrize("length", [1, 40], ids=["short", "long"])
async def test_of_the_same_moment_the_order_is_that_of_positions_whichever_comes_first(
    engine, small, monkeypatch, length
):
    """An event of the first partition comes before one of the second, also if it arrives after it."""
    monkeypatch.setattr("workflows.leads.fold_start.SHORT", 10)
    monkeypatch.setattr("engine.leads.checkpoint_store.CHECKPOINT_EVENTS", 5)
    monkeypatch.setattr("workflows.leads.fold_start.CHECKPOINT_EVENTS", 5)
    await tell(engine, LOW, ("page_view", 50))
    await tell(engine, HIGH, *(("download", 50 - days) for days in range(length)))
    await merge(engine, BY, LOW, HIGH, "one person")
    for days in (0, 5, 0):
        for lead_id, kind in ((HIGH, "signup"), (LOW, "email_open"), (HIGH, "page_view")):
            await tell(engine, lead_id, (kind, days))
            await verified(engine)
    events = await engine.capture.events.of_lead(HIGH)
    rows = await history(engine, HIGH)
    assert [row.position for row in rows] == [
        one.position for one in sorted(events, key=lambda one: (one.occurred_at, one.position))
    ]


@BOTH_WAYS
async def test_an_unmerge_gives_both_leads_back_bit_for_bit(engine, part, whole):
    await tell(engine, part, ("page_view", 9), ("signup", 3))
    await tell(engine, whole, ("download", 6))
    before = {one: await history(engine, one) for one in (part, whole)}
    scores = {one: await score(engine, one) for one in (part, whole)}
    await merge(engine, BY, part, whole, "one person")
    await unmerge(engine, BY, part, "they are two")
    for one in (part, whole):
        state, rows = await engine.leads.states.get(one), await history(engine, one)
        assert rows[: len(before[one])] == before[one]
        assert state.assessment.score == pytest.approx(scores[one], rel=1e-6)
        assert len(state.applied.positions) == 1
        document = await engine.store.database["leads"].find_one({"_id": one})
        assert "elsewhere" not in document
        assert "elsewhere" not in document["state"]
    await verified(engine)
    await tell(engine, part, ("download", 1))
    await tell(engine, whole, ("signup", 8))
    await verified(engine)


async def test_a_retraction_in_either_partition_counts(engine):
    await tell(engine, LOW, ("page_view", 9), ("signup", 3))
    await tell(engine, HIGH, ("download", 6))
    await merge(engine, BY, LOW, HIGH, "one person")
    events = await engine.capture.events.of_lead(HIGH)
    for kind in ("signup", "download"):
        event = next(one for one in events if one.type == kind)
        before = await score(engine, HIGH)
        await retract_event(engine, BY, HIGH, event.event_id, "a mistake")
        await process_leads(engine, [HIGH])
        assert await score(engine, HIGH) < before
        await verified(engine)


async def test_reads_wait_for_an_event_of_either_partition(engine):
    await tell(engine, LOW, ("page_view", 9))
    await tell(engine, HIGH, ("download", 6))
    await merge(engine, BY, HIGH, LOW, "one person")
    for lead_id in (LOW, HIGH):
        position = await tell(engine, lead_id, ("signup", 1), apply=False)
        waiting = asyncio.create_task(wait_until_applied(engine, LOW, position))
        await asyncio.sleep(0)
        assert not (await engine.leads.states.applied(LOW)).includes(position)
        await process_leads(engine, [LOW])
        assert await waiting == position


async def test_a_merged_lead_that_is_behind_in_its_lower_partition_is_found(engine):
    await tell(engine, LOW, ("page_view", 9))
    await tell(engine, HIGH, ("download", 6))
    await merge(engine, BY, LOW, HIGH, "one person")
    await dispatch_once(engine)
    await reconcile(engine)
    engine.work_queue.leads.clear()
    await tell(engine, LOW, ("signup", 1), apply=False)
    await dispatch_once(engine)
    engine.work_queue.leads.clear()
    assert await reconcile(engine) == 1
    assert engine.work_queue.leads == [LOW]
    await process_leads(engine, engine.work_queue.leads)
    assert await reconcile(engine) == 0


async def test_three_streams_of_which_two_share_a_partition_are_parted_again(engine):
    await tell(engine, LOW, ("page_view", 9))
    await tell(engine, HIGH, ("download", 6))
    await tell(engine, THIRD, ("signup", 5))
    await merge(engine, BY, LOW, HIGH, "")
    await merge(engine, BY, THIRD, HIGH, "")
    await tell(engine, LOW, ("page_view", 8))
    await tell(engine, THIRD, ("page_view", 1), apply=False)
    await unmerge(engine, BY, THIRD, "another person")
    for one in (HIGH, THIRD):
        events = await engine.capture.events.of_lead(one)
        state = await engine.leads.states.get(one)
        assert state.applied == AppliedPositions.of(event.position for event in events)
    await verified(engine)


@pytest.fixture
def small(monkeypatch):
    """Twenty events are too many for one transaction, and a slice has five."""
    for name in ("fold_in_slices", "long_folds", "rebuild", "apply_events"):
        monkeypatch.setattr(f"workflows.leads.{name}.MOST_AT_ONCE", 20)
    monkeypatch.setattr(fold_in_slices, "_SLICE", 5)
    monkeypatch.setattr(fold_in_slices, "TAIL", 5)
    monkeypatch.setattr(fold_in_slices, "_LEASE", 0)
    monkeypatch.setattr("workflows.leads.fold_start.SHORT", 10**9)


@BOTH_WAYS
async def test_long_leads_are_merged_and_folded_in_slices(engine, small, part, whole):
    await tell(engine, part, *(("page_view", 30 - days) for days in range(18)))
    await tell(engine, whole, *(("download", 29.5 - days) for days in range(18)))
    await merge(engine, BY, part, whole, "one person")
    await verified(engine)
    for lead_id in (part, whole):
        await tell(engine, lead_id, ("signup", 20), ("email_open", 1))
        await verified(engine)
    state = await engine.leads.states.get(whole)
    assert state.events == 2 * 18 + 2 + 4
    assert await engine.leads.slices.get_many([whole]) == {}


async def test_events_of_a_busy_lower_partition_leave_those_that_slices_have_folded_in_the_batch(
    engine, small, monkeypatch
):
    """What brings the slices about lies in the upper partition; the lower one grows by a batch before they are done."""
    engine = replace(engine, settings=engine.settings.model_copy(update={"fold_batch_events": 10}))
    await tell(engine, LOW, *(("page_view", 30 - days) for days in range(18)))
    await tell(engine, HIGH, *(("download", 29.5 - days) for days in range(18)))
    await merge(engine, BY, LOW, HIGH, "one person")
    late = await tell(engine, HIGH, ("demo_request", 0.9), apply=False)
    last = await tell(engine, LOW, ("page_view", 0.5), apply=False)
    await tell(engine, HIGH, ("signup", 20), apply=False)
    honest, grown = fold_in_slices._begin_late, []

    async def begin_and_grow(*args):
        begun = await honest(*args)
        if not grown:
            grown.append(await tell(engine, LOW, *(("page_view", 0.4) for _ in range(12)), apply=False))
        return begun

    monkeypatch.setattr(fold_in_slices, "_begin_late", begin_and_grow)
    await process_leads(engine, [HIGH])
    assert grown[0] > last
    state = await engine.leads.states.get(HIGH)
    assert state.events == 2 * 18 + 2 + 3 + 12
    await verified(engine)
    fired = await engine.automations.executions.page(
        lead_id=HIGH, rule_id="answer-demo-request", state=None, after=None, limit=10
    )
    assert [one.cause_position for one in fired] == [late]


class _Killed(BaseException):
    """The process has ended here."""


CRASHES = ["append_pair", "require_applied", "drop_earlier_states", "fold_from_now"]


@pytest.mark.parametrize("step", CRASHES)
async def test_a_process_that_is_killed_within_a_merge_leaves_nothing_of_it(engine, monkeypatch, step):
    await tell(engine, LOW, ("page_view", 9), ("signup", 3))
    await tell(engine, HIGH, ("download", 6))
    end = await engine.capture.log.end()
    done = getattr(merging, step)

    async def killed(*args, **options):
        await done(*args, **options)
        raise _Killed

    monkeypatch.setattr(merging, step, killed)
    with pytest.raises(_Killed):
        await merge(engine, BY, LOW, HIGH, "one person")
    monkeypatch.undo()
    assert await engine.capture.log.end() == end
    assert await engine.identity.streams.of_lead(LOW) == (LOW,)
    await verified(engine)
    await merge(engine, BY, LOW, HIGH, "one person")
    assert (await engine.capture.log.end()).events == end.events + 2
    await verified(engine)


async def test_control_without_the_transaction_half_of_the_merge_is_left(engine, monkeypatch):
    await tell(engine, LOW, ("page_view", 9))
    await tell(engine, HIGH, ("download", 6))
    end = await engine.capture.log.end()

    async def killed(runtime, events, _):
        await append_pair(runtime, events, None)
        raise _Killed

    monkeypatch.setattr(merging, "append_pair", killed)
    with pytest.raises(_Killed):
        await merge(engine, BY, LOW, HIGH, "one person")
    assert (await engine.capture.log.end()).events == end.events + 2


async def test_a_process_that_is_killed_after_the_commit_leaves_the_rest_to_the_rebuild(engine, monkeypatch):
    await tell(engine, LOW, ("page_view", 9), ("signup", 3))
    await tell(engine, HIGH, ("download", 6))

    async def killed(*_):
        raise _Killed

    monkeypatch.setattr(merging, "fold_again", killed)
    with pytest.raises(_Killed):
        await merge(engine, BY, LOW, HIGH, "one person")
    monkeypatch.undo()
    await tell(engine, LOW, ("download", 7), apply=False)
    assert await rebuild_outdated(engine) == 1
    assert await process_leads(engine, [HIGH]) == 1
    assert (await engine.leads.states.get(HIGH)).activities == 4
    await verified(engine)


async def test_merges_at_once_over_partitions_make_one_lead_without_a_circle(engine):
    names = [one for pair in zip(leads_of(0, 2, 3), leads_of(1, 2, 3), strict=True) for one in pair]
    for one in names:
        await tell(engine, one, ("page_view", 1))
    pairs = [(names[n], names[(n + 1) % len(names)]) for n in range(len(names))]
    await asyncio.gather(*(merge(engine, BY, part, whole, "") for part, whole in pairs))
    await process_leads(engine, names)
    leads = {await engine.identity.streams.lead_of(one) for one in names}
    assert len(leads) == 1
    assert (await engine.leads.states.get(leads.pop())).activities == 6
    await verified(engine)


async def _merge_both_ways(engine, first_step):
    """Two transactions, each of which has begun before the other ends, merge each lead into the other one."""
    streams, at, client = engine.identity.streams, engine.now(), engine.store.client
    async with client.start_session() as one, client.start_session() as other:
        ways = (one, LOW, HIGH), (other, HIGH, LOW)
        for session, part, whole in ways:
            await session.start_transaction(read_concern=ReadConcern("snapshot"))
            await first_step(part, whole, session)
            assert await streams.lead_of(whole, session) == whole
        for session, part, whole in ways:
            await streams.merge(part, Merge(part, whole, at), session)
            await session.commit_transaction()


async def test_two_merges_of_the_same_leads_meet_at_the_positions_of_their_pairs(engine):
    await tell(engine, LOW, ("page_view", 9))
    await tell(engine, HIGH, ("download", 6))

    async def pair(part, whole, session):
        kinds = ((part, LEAD_MERGED), (whole, LEAD_ABSORBED))
        events = [
            await membership_event(engine, f"{part}:{kind}", stream, kind, {}, engine.now())
            for stream, kind in kinds
        ]
        await append_pair(engine, events, session)

    with pytest.raises((PyMongoError, AppendConflict)):
        await _merge_both_ways(engine, pair)
    assert [await engine.identity.streams.lead_of(one) for one in (LOW, HIGH)] == [LOW, HIGH]


async def test_control_without_the_pairs_they_make_a_circle(engine):
    async def nothing(*_):
        return

    await _merge_both_ways(engine, nothing)
    assert [await engine.identity.streams.lead_of(one) for one in (LOW, HIGH)] == [HIGH, LOW]


async def test_with_256_partitions_streams_of_many_are_one_lead(runtime):
    async with with_partitions(runtime, 256) as engine:
        names = [leads_of(partition, 256, 1)[0] for partition in (0, 7, 128, 255)]
        for number, one in enumerate(names):
            await tell(engine, one, ("page_view", 9 - number), ("download", number + 1))
        whole, *others = names[1], names[0], *names[2:]
        for one in others:
            await merge(engine, BY, one, whole, "one person")
        for one in names:
            await tell(engine, one, ("email_open", 3))
        state = await engine.leads.states.get(whole)
        assert [partition_at(one) for one in state.applied.positions] == [0, 7, 128, 255]
        assert state.activities == 12
        await verified(engine)
        for one in others:
            await unmerge(engine, BY, one, "they are not")
        assert [(await engine.leads.states.get(one)).activities for one in names] == [3, 3, 3, 3]
        await verified(engine)

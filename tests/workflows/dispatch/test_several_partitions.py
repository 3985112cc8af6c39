"""A log of several partitions is followed by everything that follows one: no event is left out, each partition goes on by itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.events.log_cursor import LogCursor
from domain.instant import to_datetime
from tests.workflows.partitioned import leads_of, with_partitions
from workflows.analytics.project import checkpoint_name, follow_results
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.dispatch.dispatch import CHECKPOINT, dispatch_once
from workflows.dispatch.reconcile import APPLIED, reconcile
from workflows.identity.index_names import NAMES, index_names
from workflows.leads.process import process_leads
from workflows.operations.figures import read_figures
from workflows.operations.follow_log import follow_log
from workflows.replay.replay import replay
from workflows.replies.follow import REPLIES_FOUND, enqueue_replies
from workflows.stream.hub import StreamHub

PARTITIONS = 4
FIRST, SECOND, *_ = LEADS = [one for part in range(PARTITIONS) for one in leads_of(part, PARTITIONS, 1)]


@pytest.fixture
async def engine(runtime):
    async with with_partitions(runtime, PARTITIONS) as opened:
        yield opened


async def _send(engine, *lead_ids, event_type="page_view", **properties):
    at = to_datetime(engine.now()) - timedelta(hours=1)
    events = [
        EventInput(lead_id=one, type=event_type, occurred_at=at, properties=properties) for one in lead_ids
    ]
    return [one.position for one in await ingest(engine, events)]


async def _last_applied(engine):
    return {one: applied.last for one, applied in (await engine.leads.states.positions(LEADS)).items()}


async def _cursor(engine, name):
    return await engine.store.checkpoints.cursor(name, PARTITIONS)


async def test_leads_of_all_partitions_are_dispatched_once_and_fold_to_what_a_replay_gives(engine):
    await _send(engine, *LEADS, *LEADS[:2])
    assert await dispatch_once(engine) == len(LEADS)
    assert sorted(engine.work_queue.leads) == sorted(LEADS)
    assert await dispatch_once(engine) == 0
    await process_leads(engine, LEADS)
    assert await reconcile(engine) == 0
    end = await engine.capture.log.end()
    assert end.events == len(LEADS) + 2
    assert await _cursor(engine, CHECKPOINT) == await _cursor(engine, APPLIED) == end
    report = await replay(engine, "verify")
    assert (report.leads, report.events, report.drifted) == (len(LEADS), len(LEADS) + 2, [])


async def test_a_lead_that_is_behind_holds_back_the_mark_of_its_partition_alone(engine):
    await _send(engine, *LEADS)
    await dispatch_once(engine)
    await process_leads(engine, [one for one in LEADS if one != SECOND])
    engine.work_queue.leads.clear()
    assert await reconcile(engine) == 1
    assert engine.work_queue.leads == [SECOND]
    end = await engine.capture.log.end()
    mark = await _cursor(engine, APPLIED)
    assert [here == there for here, there in zip(mark.positions, end.positions, strict=True)] == [
        True,
        False,
        True,
        True,
    ]
    figures = await read_figures(engine)
    assert (figures.position, figures.dispatch.events, figures.apply.events) == (len(LEADS), 0, 1)
    await process_leads(engine, [SECOND])
    assert await reconcile(engine) == 0
    assert await _cursor(engine, APPLIED) == end


async def test_a_rebuild_gives_a_lead_that_is_not_stored_what_was_applied_in_its_partition(engine):
    await _send(engine, *LEADS)
    await dispatch_once(engine)
    await process_leads(engine, LEADS)
    await reconcile(engine)
    await _send(engine, SECOND)
    await engine.store.database["leads"].delete_one({"_id": SECOND})
    await engine.store.database["scoreHistory"].delete_many({"leadId": SECOND})
    report = await replay(engine, "rebuild")
    assert report.drifted == [SECOND]
    positions = await engine.leads.states.positions([SECOND])
    assert positions[SECOND].positions == (await _cursor(engine, APPLIED)).positions[1:2]


async def test_the_indexes_that_are_made_of_events_come_to_the_end_of_every_partition(engine):
    await _send(engine, *LEADS, event_type="lead.updated", firstName="Ada")
    await index_names(engine)
    await follow_results(engine)
    await enqueue_replies(engine)
    end = await engine.capture.log.end()
    for name in (NAMES, checkpoint_name(engine), REPLIES_FOUND):
        assert await _cursor(engine, name) == end
    assert await engine.identity.names.read(LEADS[:1]) != {}
    assert set(await engine.identity.names.read(LEADS)) == set(LEADS)


async def test_the_log_is_followed_from_page_to_page(engine):
    await _send(engine, *LEADS)
    begun = await follow_log(engine, None, 100)
    assert sorted(one.lead_id for one in begun.events) == sorted(LEADS)
    sent, read, token, more = await _send(engine, *LEADS, *LEADS[:3]), [], begun.token, True
    while more:
        part = await follow_log(engine, token, 2)
        read += [one.position for one in part.events]
        token, more = part.token, part.more
    assert sorted(read) == sorted(sent)
    assert (await follow_log(engine, token, 2)).events == ()
    beyond = LogCursor.parse(token, PARTITIONS).moved_to(
        [LogCursor.parse(token, PARTITIONS).positions[2] + 1]
    )
    assert len((await follow_log(engine, beyond.token, 100)).events) == len(read) + len(LEADS)


async def test_the_stream_names_changed_leads_of_all_partitions_and_resumes_without_a_gap(engine):
    await _send(engine, FIRST)
    await process_leads(engine, [FIRST])
    hub = StreamHub(engine)

    async def until_named(subscription, wanted):
        named = {}
        while not wanted <= named.keys():
            await subscription.wait()
            changes = subscription.take()  # None: read everything again, as after a gap in the notifications
            named |= await _last_applied(engine) if changes is None else changes.leads
        return named

    async with asyncio.timeout(60), hub.subscribed() as subscription:
        begun = subscription.place
        await _send(engine, *LEADS)
        await process_leads(engine, LEADS)
        await until_named(subscription, set(LEADS))
        while hub.place != await engine.capture.log.end():
            await subscription.wait()
            subscription.take()
        async with hub.subscribed(LogCursor.parse(begun.token, PARTITIONS)) as resumed:
            changes = resumed.take()
            assert changes is not None
            assert changes.leads == await _last_applied(engine)
            assert resumed.place == hub.place
        async with hub.subscribed(hub.place) as current:
            changes = current.take()
            assert changes is not None
            assert changes.leads == {}

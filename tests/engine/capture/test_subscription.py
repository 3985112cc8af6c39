"""A catch-up subscription reads every event of each partition once and in order, while others append."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from domain.events.log_cursor import LogCursor
from domain.events.partition import partition_at, partition_of
from engine.capture.log.event_log import EventLog
from engine.capture.log.subscription import LogSlice, Subscription
from engine.capture.log.writer import EventWriter
from tests.engine.capture.appending import NOW, append_until_stored, new_event, open_appender

LEADS = [f"lead-{number}" for number in range(24)]


@pytest.fixture(params=[1, 2, 256])
def log(runtime, request):
    return EventLog(runtime.store.database, request.param)


@pytest.fixture
async def append(runtime, log):
    """Append one event of each of these leads."""
    async with open_appender(runtime, EventWriter(runtime.store.database, log.partitions)) as appender:
        sent = 0

        async def append(*lead_ids):
            nonlocal sent
            for lead_id in lead_ids:
                sent += 1
                await append_until_stored(appender, [new_event(f"{lead_id}-{sent}", lead_id=lead_id)])

        yield append


async def test_every_event_is_read_once_and_in_the_order_of_its_partition_while_others_append(log, append):
    subscription, cursor = Subscription(log), LogCursor.start(log.partitions)
    appending = asyncio.create_task(append(*LEADS, *LEADS[:7]))
    read = defaultdict(list)
    while not appending.done() or cursor.events_until(await subscription.end()):
        found, cursor = await subscription.events_after(cursor, 5)
        assert len(found) <= 5
        for event in found:
            read[partition_at(event.position)].append((event.position, event.lead_id))
        await asyncio.sleep(0)
    await appending
    everything = sorted(one for events in read.values() for one in events)
    stored = await log.at_positions(position for position, _ in everything)
    assert len(stored) == len(LEADS) + 7 == await log.count()
    for partition, events in read.items():
        numbers = [position % 2**44 for position, _ in events]
        assert numbers == list(range(1, len(events) + 1)), partition
        assert {partition_of(lead, log.partitions) for _, lead in events} == {partition}
    assert cursor == await log.end()


async def test_leads_are_read_with_their_spans_up_to_a_place(log, append):
    await append(*LEADS, *LEADS[:7])
    place = await log.end()
    await append(*LEADS[:3])
    subscription, cursor, leads = Subscription(log), LogCursor.start(log.partitions), {}
    while cursor != place:
        found, cursor = await subscription.leads_after(cursor, 4, up_to=place)
        assert found
        for lead_id, span in found.items():
            first = leads.get(lead_id, span).first
            leads[lead_id] = span._replace(first=first)
    assert set(leads) == set(LEADS)
    twice = {one for one, span in leads.items() if span.first < span.last}
    assert twice == set(LEADS[:7])
    assert await subscription.leads_after(cursor, 4, up_to=place) == ({}, cursor)
    assert await subscription.lag(cursor) == (3, NOW)
    assert await subscription.lag(await log.end()) == (0, None)


async def test_groups_read_what_is_theirs_and_leave_the_rest_where_it_is(log, append):
    await append(*LEADS)
    half = max(log.partitions // 2, 1)
    groups = [range(half), range(half, log.partitions)][: log.partitions]
    read = []
    for group in groups:
        subscription = Subscription(log, group)
        found, cursor = await subscription.leads_after(LogCursor.start(log.partitions), 100)
        assert {partition_of(one, log.partitions) for one in found} <= set(group)
        assert cursor == await subscription.end()
        read += found
    assert sorted(read) == sorted(LEADS)


async def test_slices_come_to_the_place_of_each_partition(log, append):
    await append(*LEADS)
    subscription, cursor = Subscription(log), LogCursor.start(log.partitions)
    end, read = await subscription.end(), []

    async def slice_of(position, up_to):
        stored = await log.at_positions(range(position + 1, min(position + 3, up_to) + 1))
        return LogSlice([stored[one] for one in sorted(stored)], max(stored))

    async for events, place in subscription.slices(cursor, slice_of, up_to=end):
        read += [one.lead_id for one in events]
        cursor = place
    assert sorted(read) == sorted(LEADS)
    assert cursor == end


async def test_the_place_of_a_moment_is_found_in_each_partition(log, append):
    await append(*LEADS)
    end = await log.end()
    assert await log.place_before(NOW, end) == LogCursor.start(log.partitions)
    assert await log.place_before(NOW + 1, end) == end


async def test_a_position_is_reached_in_its_partition(log, append):
    await append(*LEADS)
    for position in (await log.end()).positions:
        assert await log.has_reached(position)
        assert not await log.has_reached(position + 1)
    assert not await log.has_reached(log.partitions * 2**44)

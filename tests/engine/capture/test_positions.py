"""Positions are taken optimistically after the newest known one, and looked up after a conflict."""

from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from domain.errors import Unavailable
from engine.capture.log.writer import EventWriter
from tests.engine.capture.appending import new_event, open_appender, stored_positions


class Counted(EventWriter):
    """Counts reads of the newest position, appends, and those of them in transactions."""

    reads = stored = in_transactions = 0

    async def newest(self, partitions, session=None):
        self.reads += 1
        return await super().newest(partitions, session)

    async def append(self, events, positions, session=None):
        self.stored += 1
        self.in_transactions += session is not None
        await super().append(events, positions, session)


@pytest.fixture
async def counted(runtime):
    """An appender that has stored an event, so that it knows the newest position, and its store."""
    store = Counted(runtime.store.database)
    async with open_appender(
        runtime, store, batch_events=100, linger_seconds=0.01, queue_events=1000
    ) as appender:
        await appender.append([new_event("first")])
        store.reads = store.stored = store.in_transactions = 0
        yield appender, store


async def _at_once(appender, *calls):
    return await asyncio.gather(*(appender.append([new_event(name) for name in ids]) for ids in calls))


async def test_events_sent_alone_are_stored_by_one_command_and_others_in_a_transaction(counted, runtime):
    appender, store = counted
    await _at_once(appender, ["a"], ["b"], ["c"])
    assert (store.reads, store.stored, store.in_transactions) == (0, 1, 0)
    await _at_once(appender, ["d"], ["e", "f"])
    assert (store.reads, store.stored, store.in_transactions) == (0, 2, 1)
    assert await stored_positions(runtime) == [1, 2, 3, 4, 5, 6, 7]


async def test_what_stands_before_a_repeat_is_accepted_and_what_stands_behind_it_as_well(counted, runtime):
    appender, _ = counted
    results = [one for (one,) in await _at_once(appender, ["a"], ["b"], ["first"], ["c"], ["a"], ["d"])]
    assert [(one.event_id, one.status, one.position) for one in results] == [
        ("a", "accepted", 2),
        ("b", "accepted", 3),
        ("first", "duplicate", 1),
        ("c", "accepted", 4),
        ("a", "duplicate", 2),
        ("d", "accepted", 5),
    ]
    assert await stored_positions(runtime) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("calls", [(["a"], ["b"]), (["a", "b"],)])
async def test_after_a_rival_it_goes_on_behind_it_and_reads_the_newest_position_for_a_while(
    counted, runtime, calls
):
    appender, store = counted
    await runtime.capture.appender.append([new_event("other-1"), new_event("other-2")])
    results = [one for result in await _at_once(appender, *calls) for one in result]
    assert [(one.status, one.position) for one in results] == [("accepted", 4), ("accepted", 5)]
    for number in range(20):
        await appender.append([new_event(f"later-{number}")])
    assert await stored_positions(runtime) == list(range(1, 26))
    assert store.reads == 11


async def test_what_is_stored_though_its_answer_is_lost_is_found_and_nothing_is_stored_twice(
    counted, runtime
):
    appender, store = counted

    async def lost(events, positions, session=None):
        store.append = type(store).append.__get__(store)
        await store.append(events, positions, session)
        raise AutoReconnect("the answer is lost")

    store.append = lost
    results = [one for (one,) in await _at_once(appender, ["a"], ["b"])]
    assert [(one.status, one.position) for one in results] == [("duplicate", 2), ("duplicate", 3)]
    assert (await appender.append([new_event("c")]))[0].position == 4
    assert await stored_positions(runtime) == [1, 2, 3, 4]


async def test_after_a_failure_the_newest_position_is_read_again(counted, runtime):
    appender, _ = counted
    await runtime.capture.appender.append([new_event("other")])
    command = {"failCommands": ["insert", "find"], "errorCode": 13, "closeConnection": False}
    await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode="alwaysOn", data=command
    )
    try:
        with pytest.raises(Unavailable):
            await appender.append([new_event("a")])
    finally:
        await runtime.store.client.admin.command("configureFailPoint", "failCommand", mode="off")
    assert [(one.status, one.position) for one in await appender.append([new_event("a")])] == [
        ("accepted", 3)
    ]
    assert await stored_positions(runtime) == [1, 2, 3]

"""Admission: a bounded queue, room that is reserved while events are prepared, and a deadline per call."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Unavailable
from tests.engine.capture.appending import new_event, open_appender, stored_positions


@pytest.fixture
async def small(runtime):
    """An appender with room for four events."""
    async with open_appender(runtime, queue_events=4) as appender:
        yield appender


class Preparation:
    """Work between the reservation and the append that ends when the test lets it."""

    def __init__(self, appender):
        self.appender = appender
        self.may_end = asyncio.Event()

    async def append(self, *names):
        async with self.appender.reserve(len(names)) as slot:
            await self.may_end.wait()
            return await slot.append([new_event(name) for name in names])


async def test_a_full_queue_refuses_at_once_and_takes_nothing_of_the_call(runtime):
    async with open_appender(runtime, linger_seconds=0.2, queue_events=4) as appender:
        waiting = [asyncio.create_task(appender.append([new_event(f"w{n}")])) for n in range(4)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            appender.require_room()
        with pytest.raises(Unavailable):
            await appender.append([new_event("x1"), new_event("x2")])
        await asyncio.gather(*waiting)
    assert await stored_positions(runtime) == [1, 2, 3, 4]


async def test_a_full_queue_refuses_a_call_before_its_events_are_prepared(small):
    prepared = []
    async with small.reserve(4):
        with pytest.raises(Unavailable):
            async with small.reserve(1):
                prepared.append("x")
    assert prepared == []
    small.require_room()


async def test_events_that_are_prepared_take_up_room_until_they_are_done_or_given_up(small):
    preparation = Preparation(small)
    preparing = [asyncio.create_task(preparation.append(f"p{n}")) for n in range(4)]
    await asyncio.sleep(0)
    assert small.waiting_events == 4
    with pytest.raises(Unavailable):
        small.require_room()
    preparing.pop().cancel()
    async with asyncio.timeout(5):
        while small.waiting_events == 4:
            await asyncio.sleep(0)
    small.require_room()
    preparation.may_end.set()
    assert [result[0].status for result in await asyncio.gather(*preparing)] == ["accepted"] * 3
    assert small.waiting_events == 0


async def test_a_preparation_that_fails_takes_up_no_room(small):
    with pytest.raises(ZeroDivisionError):
        async with small.reserve(4):
            raise ZeroDivisionError
    assert small.waiting_events == 0


async def test_a_preparation_that_hangs_is_given_up_in_the_time_of_the_caller(small, monkeypatch):
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 0.1)
    async with asyncio.timeout(3):
        with pytest.raises(Unavailable, match="same event ids"):
            await Preparation(small).append("a")
    assert small.waiting_events == 0


async def test_the_task_of_a_call_that_took_too_long_is_not_cancelled_for_good(small, monkeypatch):
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 0.05)
    with pytest.raises(Unavailable):
        await Preparation(small).append("a")
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(0)


async def test_a_call_that_is_cancelled_is_cancelled_and_not_refused(small):
    calling = asyncio.create_task(Preparation(small).append("a"))
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_a_call_that_waits_too_long_is_refused_and_no_other(small, runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 0.3)
    data = {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": 1500}
    data["namespace"] = f"{runtime.store.database.name}.events"
    await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data=data
    )
    early = asyncio.create_task(small.append([new_event("a")]))
    await asyncio.sleep(0)
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 30)
    late = asyncio.create_task(small.append([new_event("b")]))
    with pytest.raises(Unavailable, match="in time"):
        await early
    assert not late.done()
    monkeypatch.undo()
    assert [one.status for one in await small.append([new_event("a")])] == ["duplicate"]
    results = await runtime.capture.appender.append([new_event("b"), new_event("c")])
    assert [one.position for one in results] == [2, 3]


async def test_events_whose_preparation_ends_after_the_close_are_refused_at_once(small, runtime):
    preparation = Preparation(small)
    late = asyncio.create_task(preparation.append("a"))
    await asyncio.sleep(0)
    await small.close()
    preparation.may_end.set()
    async with asyncio.timeout(3):
        with pytest.raises(Unavailable, match="stopping"):
            await late
    assert await stored_positions(runtime) == []

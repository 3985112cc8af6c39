"""Exactly one holder at a time, and another one when it falls silent."""

from __future__ import annotations

import asyncio

import pytest

from engine.process.tasks import cancel_and_wait
from engine.store.leases import Leases


async def test_only_one_of_two_holders_gets_a_lease(runtime):
    one, two = (Leases(runtime.store.database, name, 10) for name in ("one", "two"))
    assert [await one.take("dispatcher"), await two.take("dispatcher"), await one.take("dispatcher")] == [
        True,
        False,
        True,
    ]


async def test_a_released_lease_can_be_taken_at_once(runtime):
    one, two = (Leases(runtime.store.database, name, 10) for name in ("one", "two"))
    await one.take("dispatcher")
    await two.release("dispatcher")  # not his to give
    assert not await two.take("dispatcher")
    await one.release("dispatcher")
    assert await two.take("dispatcher")


async def test_a_silent_holder_is_replaced_when_its_lease_runs_out(runtime):
    one, two = (Leases(runtime.store.database, name, 10) for name in ("one", "two"))
    await one.take("dispatcher")
    assert not await two.take("dispatcher")
    await runtime.store.database["leases"].update_one(
        {"_id": "dispatcher"}, [{"$set": {"expiresAt": {"$subtract": ["$expiresAt", 10_000]}}}]
    )
    assert await two.take("dispatcher")
    assert not await one.take("dispatcher")


async def test_of_two_candidates_one_works_and_the_other_takes_over_when_it_ends(runtime):
    log: list[str] = []

    async def work(name: str) -> None:
        log.append(name)
        await asyncio.Event().wait()

    candidates = {
        name: asyncio.create_task(
            Leases(runtime.store.database, name, 3).run_alone("job", lambda name=name: work(name))
        )
        for name in ("one", "two")
    }
    async with asyncio.timeout(60):
        while not log:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)  # the other one has tried, too
    assert len(log) == 1
    await cancel_and_wait(candidates.pop(log[0]))
    async with asyncio.timeout(60):
        while len(log) < 2:
            await asyncio.sleep(0.01)
    assert set(log) == {"one", "two"}
    for task in candidates.values():
        await cancel_and_wait(task)


async def test_work_stops_when_its_lease_is_taken_away(runtime):
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    task = asyncio.create_task(Leases(runtime.store.database, "one", 0.3).run_alone("job", work))
    await began.wait()
    await runtime.store.database["leases"].update_one(
        {"_id": "job"}, [{"$set": {"holder": "thief", "expiresAt": {"$add": ["$$NOW", 60_000]}}}]
    )
    await asyncio.wait_for(stopped.wait(), 60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_work_stops_when_its_lease_cannot_be_renewed_for_whatever_reason(runtime, monkeypatch):
    leases = Leases(runtime.store.database, "one", 0.3)
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def broken(name: str) -> bool:
        raise AttributeError("a fault of a library")

    task = asyncio.create_task(leases.run_alone("job", work))
    await began.wait()
    monkeypatch.setattr(leases, "take", broken)
    await asyncio.wait_for(stopped.wait(), 60)
    with pytest.raises(AttributeError):  # it ends its process, which starts again
        await task


async def test_work_stops_in_time_when_the_renewal_of_its_lease_hangs(runtime, monkeypatch):
    leases = Leases(runtime.store.database, "one", 0.3)
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def hangs(name: str) -> bool:
        await asyncio.Event().wait()
        return True

    task = asyncio.create_task(leases.run_alone("job", work))
    await began.wait()
    monkeypatch.setattr(leases, "take", hangs)
    await asyncio.wait_for(stopped.wait(), 60)
    await cancel_and_wait(task)


async def test_a_database_that_does_not_answer_does_not_keep_the_holder_from_ending(runtime, monkeypatch):
    monkeypatch.setattr("engine.store.leases._RELEASE_SECONDS", 0.05)
    lease, working = Leases(runtime.store.database, "one", 10), asyncio.Event()

    async def never(name: str) -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        working.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(lease, "release", never)
    alone = asyncio.create_task(lease.run_alone("dispatcher", work))
    await working.wait()
    async with asyncio.timeout(5):
        await cancel_and_wait(alone)

"""Parts of a work are spread over the processes that there are, and those of a process that ends go to the others."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import pytest

from engine.process.tasks import cancel_and_wait
from engine.store.shared_work import SharedWork
from tests.engine.store.quick_leases import QuickLeases, run_out

PARTS = 8


class Process:
    """One that does its share in this test, and knows which parts it does."""

    def __init__(self, runtime, holder, seconds):
        self.doing = Counter()
        self.leases = QuickLeases(runtime.store.database, holder, seconds)
        self.shared = SharedWork(self.leases, "work", PARTS, self._work)
        self.task = asyncio.create_task(self.shared.run())

    async def _work(self, part):
        self.doing[part] += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.doing[part] -= 1

    @property
    def parts(self):
        return {part for part, times in self.doing.items() if times}


@pytest.fixture
async def start(runtime):
    processes = []

    def start(holder, seconds=600.0):
        processes.append(Process(runtime, holder, seconds))
        return processes[-1]

    yield start
    for one in processes:
        with contextlib.suppress(ValueError):
            await cancel_and_wait(one.task)


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


def all_parts(*processes):
    return sorted(part for one in processes for part in one.parts) == list(range(PARTS))


async def test_one_process_does_everything_until_a_second_comes_and_again_when_that_has_ended(start):
    one = start("one")
    await until(lambda: len(one.parts) == PARTS)
    two = start("two")
    await until(lambda: len(one.parts) == len(two.parts) == PARTS // 2 and all_parts(one, two))
    await cancel_and_wait(one.task)
    assert one.parts == set()
    await until(lambda: len(two.parts) == PARTS)


async def test_the_parts_of_a_process_that_falls_silent_are_taken_over(start, runtime):
    one, two = start("one"), start("two")
    await until(lambda: len(one.parts) == len(two.parts) == PARTS // 2)
    one.leases.fall_silent()
    await cancel_and_wait(one.task)
    await run_out(runtime.store.database, "one")
    await until(lambda: len(two.parts) == PARTS)


async def test_a_lease_that_is_taken_away_ends_its_part_alone(start, runtime):
    one = start("one", seconds=3.0)
    await until(lambda: len(one.parts) == PARTS)
    await runtime.store.database["leases"].update_one(
        {"_id": "work:3"},
        [{"$set": {"holder": "thief", "expiresAt": {"$add": ["$$NOW", 600_000]}}}],
        upsert=True,  # on a slow machine it may have just run out and been released
    )
    await until(lambda: one.parts == one.shared.parts == set(range(PARTS)) - {3})


async def test_a_part_that_fails_ends_the_process(runtime):
    async def work(part):
        if part == 2:
            raise ValueError("part 2")

    shared = SharedWork(QuickLeases(runtime.store.database, "one"), "work", PARTS, work)
    with pytest.raises(ValueError, match="part 2"):
        await asyncio.wait_for(shared.run(), 60)

"""A long pass rests while live work waits, in proportion to its own work, and not at all else."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from workflows.passes.pace import Pace, leads_wait


class World:
    """A clock that moves when somebody works or sleeps, and whether live work waits."""

    def __init__(self) -> None:
        self.now, self.is_busy, self.slept = 0.0, False, 0.0

    async def busy(self) -> bool:
        return self.is_busy

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def world():
    return World()


def pace(world, percent):
    return Pace(percent, world.busy, clock=lambda: world.now, sleep=world.sleep)


async def work(world, paced, batches, seconds=0.1):
    for _ in range(batches):
        world.now += seconds
        await paced.batch_done()


@pytest.mark.parametrize(("percent", "rest"), [(5, 19.0), (50, 1.0), (100, 0.0)])
async def test_it_works_the_given_part_of_its_time_while_live_work_waits(world, percent, rest):
    world.is_busy = True
    await work(world, pace(world, percent), 10)
    assert world.slept == pytest.approx(rest)


async def test_it_does_not_rest_while_nothing_waits_and_begins_when_something_does(world):
    paced = pace(world, 10)
    await work(world, paced, 10)
    assert world.slept == 0
    world.is_busy = True
    await work(world, paced, 1)
    assert world.slept == pytest.approx(0.9), "what was done before is not rested for"


async def test_no_rest_is_longer_than_a_minute(world):
    world.is_busy = True
    await work(world, pace(world, 1), 1, seconds=50)
    assert world.slept == 60


async def test_a_rest_ends_soon_after_nothing_waits_any_more(world):
    world.is_busy = True

    async def sleep(seconds):
        await world.sleep(seconds)
        world.is_busy = world.slept < 3

    await work(world, Pace(1, world.busy, clock=lambda: world.now, sleep=sleep), 1, seconds=50)
    assert world.slept == 3


async def test_leads_wait_when_messages_do_or_when_nobody_can_say():
    class Queue:
        async def waiting_messages(self, queue):
            assert queue == "process_leads"
            if self.waiting is None:
                raise Unavailable("Redis does not answer")
            return self.waiting

    queue = Queue()
    for queue.waiting, wait in ((0, False), (3, True), (None, True)):
        assert await leads_wait(queue) is wait

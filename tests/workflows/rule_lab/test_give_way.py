"""A preview rests while events come in or leads wait for a worker, for a bounded time, and not otherwise."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from workflows.rule_lab.give_way import GiveWay


class Machine:
    """A log that grows, workers with leads to fold, and a clock that passes only by steps and pauses."""

    def __init__(self):
        self.at, self.events, self.waiting, self.rested = 0.0, 1000, 0, []
        self.capture = SimpleNamespace(log=self)
        self.work_queue = self

    async def end(self):
        return SimpleNamespace(events=self.events)

    async def waiting_messages(self, _):
        return self.waiting

    async def sleep(self, seconds):
        self.at += seconds
        self.rested.append(seconds)

    def clock(self):
        return self.at

    def works(self, seconds, events):
        self.at += seconds
        self.events += events


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def give_way(machine):
    return GiveWay(machine, machine.clock, machine.sleep)


async def test_it_rests_four_times_as_long_as_a_step_takes_while_events_come_in(machine, give_way):
    for _ in range(3):
        await give_way.pause()
        machine.works(0.5, events=2_000)
    assert machine.rested == [2.0, 2.0]
    machine.works(60, events=100_000)
    await give_way.pause()
    assert machine.rested[2] == 5.0  # at most


async def test_the_control_it_does_not_rest_while_few_events_come_in(machine, give_way):
    for _ in range(3):
        await give_way.pause()
        machine.works(0.5, events=10)
    assert machine.rested == []


async def test_it_waits_for_workers_and_goes_on_after_some_seconds(machine, give_way):
    machine.waiting = 1
    await give_way.pause()
    assert sum(machine.rested) == 5.0
    machine.waiting = 0
    await give_way.pause()
    assert sum(machine.rested) == 5.0


async def test_what_it_waited_for_workers_is_no_part_of_the_step_that_it_rests_for(machine, give_way):
    await give_way.pause()
    machine.works(0.5, events=100_000)
    machine.waiting = 1
    await give_way.pause()
    assert sum(machine.rested) == 5.0 + 2.0

"""Appenders of several processes that have met append in turn; without Redis, or with a token that is lost, they only meet."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from engine.capture.log.turns import AppendTurns
from engine.capture.log.writer import AppendConflict, EventWriter
from engine.notifications.channel import connect_notifications
from tests.engine.capture.appending import append_until_stored, new_event, open_appender, stored_positions


@pytest.fixture
async def redis(settings):
    client = connect_notifications(settings)
    yield client
    await client.aclose()


@pytest.fixture
def turns(redis, runtime, monkeypatch):
    """Turns that are waited for, however slow the machine is."""
    monkeypatch.setattr("engine.capture.log.turns._WAIT_SECONDS", 4)  # the client gives up after five
    monkeypatch.setattr("engine.capture.log.turns._ANSWER_SECONDS", 60)
    return AppendTurns(redis, runtime.store.database.name)


class Met(EventWriter):
    """Counts the appends that met one of another process, and reads of the newest position."""

    met = reads = 0

    async def append(self, events, positions, session=None):
        try:
            await super().append(events, positions, session)
        except AppendConflict:
            self.met += 1
            raise

    async def newest(self, partitions, session=None):
        self.reads += 1
        return await super().newest(partitions, session)


async def test_a_turn_is_passed_on_with_what_its_holder_knew(turns):
    await turns.give({0: 17, 3: 52_776_558_133_249})
    assert await turns.take() == {0: 17, 3: 52_776_558_133_249}


async def test_of_two_turns_only_the_later_one_is_passed_on(turns, redis, runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.log.turns._WAIT_SECONDS", 0.05)
    other = AppendTurns(redis, runtime.store.database.name)
    await turns.give({0: 1})
    assert await turns.take() == {0: 1}
    await other.give({0: 2})  # it has none, and makes one
    assert await other.take() == {0: 2}
    await turns.give({0: 3})
    assert await turns.take() is None
    await other.give({0: 4})
    assert await turns.take() == {0: 4}


async def test_without_redis_there_are_no_turns_and_nobody_waits_for_one(runtime):
    nowhere = AppendTurns(Redis(port=1), runtime.store.database.name)
    await nowhere.give({0: 1})
    assert await nowhere.take() is None


async def _alternate(runtime, turns):
    """Two processes append one event each, one after the other, for a while. How often they met, and read, after the first."""
    one, other = Met(runtime.store.database), Met(runtime.store.database)
    async with open_appender(runtime, one, turns=turns) as a, open_appender(runtime, other, turns=turns) as b:
        await a.append([new_event("a-first")])
        await b.append([new_event("b-first")])
        await a.append([new_event("a-second")])  # here they meet
        await b.append([new_event("b-second")])
        before = one.met + other.met, one.reads + other.reads
        for number in range(8):
            await a.append([new_event(f"a-{number}")])
            await b.append([new_event(f"b-{number}")])
        assert await stored_positions(runtime) == list(range(1, 21))
        return one.met + other.met - before[0], one.reads + other.reads - before[1]


async def test_processes_that_have_met_append_in_turn_without_a_look(runtime, turns):
    assert await _alternate(runtime, turns) == (0, 0)


async def test_control_without_turns_they_look_before_each_append(runtime):
    met, reads = await _alternate(runtime, None)
    assert (met, reads) == (0, 16)


async def _misled(runtime, turns):
    """What is stored after the turn has named a position far behind the newest event."""
    async with open_appender(runtime, turns=turns) as appender:
        await appender.append([new_event("first")])
        await runtime.capture.appender.append([new_event("of another process")])
        await appender.append([new_event("second")])  # they have met
        await turns.take()
        await turns.give({0: 1000})
        await appender.append([new_event("third")])
        return await stored_positions(runtime)


async def test_a_turn_that_remembers_another_store_makes_no_hole(runtime, turns):
    assert await _misled(runtime, turns) == [1, 2, 3, 4]


async def test_control_a_turn_that_is_believed_makes_a_hole(runtime, turns, monkeypatch):
    async def believed(self, positions):
        return True

    monkeypatch.setattr(EventWriter, "are_stored", believed)
    assert await _misled(runtime, turns) == [1, 2, 3, 1001]


async def test_a_turn_that_cannot_be_read_is_none(turns, redis, runtime):
    await redis.rpush(f"lead-engine:{runtime.store.database.name}:append-turn", "no turn")
    assert await turns.take() is None


async def test_many_appends_of_several_processes_leave_no_gap(runtime, redis):
    name = runtime.store.database.name

    async def send(number):
        async with open_appender(runtime, turns=AppendTurns(redis, name), queue_events=1000) as appender:
            for part in range(5):
                await asyncio.gather(
                    *(
                        append_until_stored(appender, [new_event(f"{number}-{part}-{one}")])
                        for one in range(20)
                    )
                )

    await asyncio.gather(*(send(number) for number in range(3)))
    assert await stored_positions(runtime) == list(range(1, 301))

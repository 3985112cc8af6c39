"""Group commit: batches share a commit, and neither a bad batch nor a hanging store holds up its callers."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Invalid, Unavailable
from engine.capture.log.writer import EventWriter
from tests.engine.capture.appending import new_event, open_appender


async def test_a_failure_of_a_kind_that_nobody_expected_fails_its_batch_and_no_later_one(runtime):
    class OnceBroken(EventWriter):
        broken = True

        async def append(self, events, positions, session=None):
            if self.broken:
                self.broken = False
                raise AttributeError("a fault of a library")
            await super().append(events, positions, session)

    async with open_appender(runtime, OnceBroken(runtime.store.database)) as appender:
        with pytest.raises(Unavailable):
            await appender.append([new_event("a")])
        assert (await appender.append([new_event("a")]))[0].status == "accepted"


async def test_a_batch_with_data_that_cannot_be_stored_is_bisected_until_its_call_stands_alone(runtime):
    class Picky(EventWriter):
        async def append(self, events, positions, session=None):
            if any(one.event.event_id == "bad" for one in events):
                raise ValueError("no store takes this")
            await super().append(events, positions, session)

    async with open_appender(runtime, Picky(runtime.store.database), linger_seconds=0.01) as appender:
        names = ["a", "b", "bad", "c", "d", "e", "f"]
        *results, failure = await asyncio.gather(
            *(appender.append([new_event(name)]) for name in names if name != "bad"),
            appender.append([new_event("bad")]),
            return_exceptions=True,
        )
    assert isinstance(failure, Invalid)
    assert sorted(one.position for (one,) in results) == [1, 2, 3, 4, 5, 6]


async def test_closing_refuses_in_bounded_time_what_a_store_that_hangs_does_not_write(runtime, monkeypatch):
    class Hung(EventWriter):
        async def append(self, events, positions, session=None):
            await asyncio.Event().wait()

    monkeypatch.setattr("engine.capture.log.appender.CLOSE_SECONDS", 0.1)
    before = asyncio.all_tasks()
    async with open_appender(runtime, Hung(runtime.store.database), batch_events=1) as appender:
        waiting = [asyncio.create_task(appender.append([new_event(f"w{n}")])) for n in range(3)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(3):
            await appender.close()
            results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}
    assert not {name for name in left if name.startswith("GroupCommit.")}


async def test_callers_are_answered_when_the_next_batch_is_on_its_way_and_not_only_when_it_is_stored(runtime):
    log = []

    class Slow(EventWriter):
        async def append(self, events, positions, session=None):
            log.append("begun")
            await super().append(events, positions, session)
            await asyncio.sleep(0.05)
            log.append("stored")

    async with open_appender(runtime, Slow(runtime.store.database), batch_events=1) as appender:
        await appender.append([new_event("so that the position is known")])
        log.clear()
        first, second = (asyncio.create_task(appender.append([new_event(name)])) for name in ("a", "b"))
        first.add_done_callback(lambda _: log.append("first is answered"))
        await asyncio.gather(first, second)
    assert log == ["begun", "stored", "begun", "first is answered", "stored"]


@pytest.mark.parametrize(("callers", "batches"), [(24, [24]), (40, [24, 16]), (100, [50, 50])])
async def test_of_many_callers_half_are_written_at_a_time(runtime, callers, batches):
    """So that the API takes in what one half sends next while MongoDB stores the other."""
    sizes = []

    class Measured(EventWriter):
        async def append(self, events, positions, session=None):
            sizes.append(len(events))
            await super().append(events, positions, session)

    async with open_appender(
        runtime, Measured(runtime.store.database), batch_events=500, linger_seconds=0.01, queue_events=1000
    ) as appender:
        await appender.append([new_event("first")])
        results = await asyncio.gather(*(appender.append([new_event(f"{n}")]) for n in range(callers)))
    assert [one.position for result in results for one in result] == list(range(2, callers + 2))
    assert sizes == [1, *batches]


async def test_callers_are_answered_in_time_when_the_next_batch_hangs(runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.log.appender.CLOSE_SECONDS", 0.1)

    class HangsLater(EventWriter):
        async def append(self, events, positions, session=None):
            if events[0].event.event_id == "b":
                await asyncio.Event().wait()
            await super().append(events, positions, session)

    async with open_appender(runtime, HangsLater(runtime.store.database), batch_events=1) as appender:
        first, second = (asyncio.create_task(appender.append([new_event(name)])) for name in ("a", "b"))
        async with asyncio.timeout(5):
            (result,) = await first
        assert (result.status, result.position, second.done()) == ("accepted", 1, False)
        await appender.close()
        with pytest.raises(Unavailable, match="stopping"):
            await second


async def test_it_reports_that_something_is_stored_once_it_is(runtime):
    seen = []
    async with open_appender(runtime, stored=lambda: seen.append("stored")) as appender:
        await appender.append([new_event("a")])
        with pytest.raises(Invalid):
            await appender.append([new_event("b", number=2**70)])
    assert seen == ["stored"]

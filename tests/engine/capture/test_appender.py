"""Group commit: durable, gap-free, and never twice."""

from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from domain.errors import Invalid, Unavailable
from domain.events.event import NewEvent
from engine.capture.appender import Appender
from engine.capture.event_store import EventStore
from engine.runtime import Runtime, open_runtime


def new_event(
    event_id: str, *, lead_id: str = "lead", body_hash: str = "hash", **properties: object
) -> NewEvent:
    return NewEvent(
        event_id=event_id,
        lead_id=lead_id,
        type="page_view",
        occurred_at=1_795_348_800_000,
        received_at=1_795_348_800_000,
        body_hash=body_hash,
        properties=properties,
    )


async def positions(runtime: Runtime) -> list[int]:
    return [doc["_id"] async for doc in runtime.store.database["events"].find({}, {"_id": 1}).sort("_id", 1)]


async def test_events_of_one_call_get_consecutive_positions_in_their_order(runtime):
    results = await runtime.capture.appender.append([new_event("a"), new_event("b"), new_event("c")])
    assert [(one.event_id, one.status, one.position) for one in results] == [
        ("a", "accepted", 1),
        ("b", "accepted", 2),
        ("c", "accepted", 3),
    ]


async def test_many_concurrent_calls_leave_positions_without_a_hole(runtime):
    calls = [runtime.capture.appender.append([new_event(f"{n}-{i}") for i in range(3)]) for n in range(200)]
    results = await asyncio.gather(*calls)
    assert await positions(runtime) == list(range(1, 601))
    assert sorted(one.position for result in results for one in result) == list(range(1, 601))


async def test_a_repeated_event_keeps_its_first_position_and_stores_nothing(runtime):
    await runtime.capture.appender.append([new_event("a")])
    again, fresh = await runtime.capture.appender.append([new_event("a"), new_event("b")])
    assert (again.status, again.position, fresh.status, fresh.position) == ("duplicate", 1, "accepted", 2)
    assert await positions(runtime) == [1, 2]


async def test_another_event_with_a_known_id_is_a_conflict_and_changes_nothing(runtime):
    await runtime.capture.appender.append([new_event("a", body_hash="one")])
    (result,) = await runtime.capture.appender.append([new_event("a", body_hash="two")])
    assert (result.status, result.position) == ("conflict", 1)
    assert (await runtime.store.database["events"].find_one())["bodyHash"] == "one"


async def test_an_id_twice_in_one_call_is_stored_once(runtime):
    first, same, other = await runtime.capture.appender.append(
        [new_event("a"), new_event("a"), new_event("a", body_hash="other")]
    )
    assert [first.status, same.status, other.status] == ["accepted", "duplicate", "conflict"]
    assert first.position == same.position == other.position == 1


async def test_two_appenders_on_one_database_never_share_a_position_or_store_an_event_twice(
    runtime, settings
):
    async with open_runtime(settings, work_queue=runtime.work_queue) as other:
        ids = [f"e{n}" for n in range(300)]
        calls = [which.capture.appender.append([new_event(one)]) for one in ids for which in (runtime, other)]
        results = [result for (result,) in await asyncio.gather(*calls)]
    assert await positions(runtime) == list(range(1, 301))
    assert sum(result.status == "accepted" for result in results) == 300
    assert sum(result.status == "duplicate" for result in results) == 300


async def test_a_call_that_cannot_be_stored_fails_alone(runtime):
    good = [runtime.capture.appender.append([new_event(f"good-{n}")]) for n in range(20)]
    bad = runtime.capture.appender.append([new_event("bad-1"), new_event("bad-2", number=2**70)])
    *results, failure = await asyncio.gather(*good, bad, return_exceptions=True)
    assert isinstance(failure, Invalid)
    assert all(result[0].status == "accepted" for result in results)
    assert await positions(runtime) == list(range(1, 21))
    assert await runtime.store.database["events"].count_documents({"eventId": {"$regex": "^bad"}}) == 0


async def test_a_full_queue_refuses_at_once_and_takes_nothing_of_the_call(runtime):
    small = Appender(
        runtime.store.client,
        EventStore(runtime.store.database),
        batch_events=10,
        linger_seconds=0.2,
        queue_events=4,
    )
    small.start()
    waiting = [asyncio.create_task(small.append([new_event(f"w{n}")])) for n in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await small.append([new_event("x1"), new_event("x2")])
    await asyncio.gather(*waiting)
    await small.close()
    assert await positions(runtime) == [1, 2, 3, 4]


async def test_closing_stores_what_waits_and_refuses_what_comes_later(runtime):
    appender = Appender(
        runtime.store.client,
        EventStore(runtime.store.database),
        batch_events=10,
        linger_seconds=0.05,
        queue_events=100,
    )
    appender.start()
    waiting = [asyncio.create_task(appender.append([new_event(f"w{n}")])) for n in range(30)]
    await asyncio.sleep(0)
    await appender.close()
    assert [result[0].status for result in await asyncio.gather(*waiting)] == ["accepted"] * 30
    with pytest.raises(Unavailable):
        await appender.append([new_event("late")])


async def test_a_caller_that_gives_up_does_not_stop_the_commit_of_others(runtime):
    impatient = asyncio.create_task(runtime.capture.appender.append([new_event("impatient")]))
    patient = asyncio.create_task(runtime.capture.appender.append([new_event("patient")]))
    await asyncio.sleep(0.001)
    impatient.cancel()
    assert (await patient)[0].status == "accepted"


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("insert", {"closeConnection": True}),
        ("commitTransaction", {"closeConnection": True}),
        ("insert", {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}),
        ("commitTransaction", {"errorCode": 91, "errorLabels": ["UnknownTransactionCommitResult"]}),
        ("insert", {"errorCode": 11602, "errorLabels": ["TransientTransactionError"]}),
        ("insert", {"errorCode": 189, "errorLabels": ["RetryableWriteError"]}),
        ("find", {"errorCode": 189, "errorLabels": ["TransientTransactionError"]}),
    ],
)
@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_passing_fault_of_the_database_is_invisible_to_the_caller(
    runtime, command, fault, before, number
):
    """Of the first append of an appender, which asks for the newest position, and of a later one, which does not."""
    for position in range(1, before + 1):
        await runtime.capture.appender.append([new_event(f"before-{position}")])
    armed = await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data={"failCommands": [command], **fault}
    )
    try:
        results = await runtime.capture.appender.append([new_event(f"a{n}") for n in range(number)])
    finally:
        disarmed = await runtime.store.client.admin.command("configureFailPoint", "failCommand", mode="off")
    is_asked, in_transaction = before == 0, before == 0 or number > 1
    meets = {"insert": True, "find": is_asked, "commitTransaction": in_transaction}[command]
    assert (disarmed["count"] > armed["count"]) == meets
    assert {result.status for result in results} == {"accepted"}
    assert [result.position for result in results] == list(range(before + 1, before + number + 1))
    assert await positions(runtime) == list(range(1, before + number + 1))


async def test_a_failure_of_a_kind_that_nobody_expected_fails_its_batch_and_no_later_one(runtime):
    class OnceBroken(EventStore):
        broken = True

        async def append(self, events, first, session=None):
            if self.broken:
                self.broken = False
                raise AttributeError("a fault of a library")
            await super().append(events, first, session)

    appender = Appender(
        runtime.store.client,
        OnceBroken(runtime.store.database),
        batch_events=10,
        linger_seconds=0,
        queue_events=100,
    )
    appender.start()
    with pytest.raises(Unavailable):
        await appender.append([new_event("a")])
    assert (await appender.append([new_event("a")]))[0].status == "accepted"
    await appender.close()


async def test_closing_refuses_in_bounded_time_what_a_store_that_hangs_does_not_write(runtime, monkeypatch):
    class Hung(EventStore):
        async def append(self, events, first, session=None):
            await asyncio.Event().wait()

    monkeypatch.setattr("engine.capture.appender.CLOSE_SECONDS", 0.1)
    before = asyncio.all_tasks()
    appender = Appender(
        runtime.store.client, Hung(runtime.store.database), batch_events=1, linger_seconds=0, queue_events=100
    )
    appender.start()
    waiting = [asyncio.create_task(appender.append([new_event(f"w{n}")])) for n in range(3)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(3):
        await appender.close()
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}
    assert not {name for name in left if name.startswith("Appender.")}


async def test_callers_are_told_when_the_next_batch_is_on_its_way_and_not_only_when_it_is_stored(runtime):
    log = []

    class Slow(EventStore):
        async def append(self, events, first, session=None):
            log.append("begun")
            await super().append(events, first, session)
            await asyncio.sleep(0.05)
            log.append("stored")

    appender = Appender(
        runtime.store.client, Slow(runtime.store.database), batch_events=1, linger_seconds=0, queue_events=9
    )
    appender.start()
    await appender.append([new_event("so that the position is known")])
    log.clear()
    first, second = (asyncio.create_task(appender.append([new_event(name)])) for name in ("a", "b"))
    first.add_done_callback(lambda _: log.append("first is told"))
    await asyncio.gather(first, second)
    await appender.close()
    assert log == ["begun", "stored", "begun", "first is told", "stored"]


@pytest.mark.parametrize(("callers", "batches"), [(24, [24]), (40, [24, 16]), (100, [50, 50])])
async def test_of_many_callers_half_are_written_at_a_time(runtime, monkeypatch, callers, batches):
    """So that the API takes in what one half sends next while MongoDB stores the other."""
    sizes, store = [], runtime.capture.events.append

    async def append(events, first, session=None):
        sizes.append(len(events))
        await store(events, first, session)

    monkeypatch.setattr(runtime.capture.events, "append", append)
    await runtime.capture.appender.append([new_event("first")])
    calls = [runtime.capture.appender.begin([new_event(f"{n}")]) for n in range(callers)]
    results = await asyncio.gather(*calls)
    assert [one.position for result in results for one in result] == list(range(2, callers + 2))
    assert sizes == [1, *batches]


async def test_callers_are_told_in_time_when_the_next_batch_hangs(runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.appender.CLOSE_SECONDS", 0.1)

    class HangsLater(EventStore):
        async def append(self, events, first, session=None):
            if events[0].event.event_id == "b":
                await asyncio.Event().wait()
            await super().append(events, first, session)

    appender = Appender(
        runtime.store.client,
        HangsLater(runtime.store.database),
        batch_events=1,
        linger_seconds=0,
        queue_events=9,
    )
    appender.start()
    first, second = (asyncio.create_task(appender.append([new_event(name)])) for name in ("a", "b"))
    async with asyncio.timeout(5):
        (result,) = await first
    assert (result.status, result.position, second.done()) == ("accepted", 1, False)
    await appender.close()
    with pytest.raises(Unavailable, match="stopping"):
        await second


# --- Positions after the last ---


class Counted(EventStore):
    """Counts what is asked and stored, and how often a transaction was used for it."""

    asked = stored = in_transactions = 0

    async def last_position(self, session=None):
        self.asked += 1
        return await super().last_position(session)

    async def append(self, events, first, session=None):
        self.stored += 1
        self.in_transactions += session is not None
        await super().append(events, first, session)


@pytest.fixture
async def counted(runtime):
    """An appender that has stored an event, so that it knows the newest position, and its store."""
    store = Counted(runtime.store.database)
    appender = Appender(runtime.store.client, store, batch_events=100, linger_seconds=0.01, queue_events=1000)
    appender.start()
    await appender.append([new_event("first")])
    store.asked = store.stored = store.in_transactions = 0
    yield appender, store
    await appender.close()


async def _at_once(appender, *calls):
    return await asyncio.gather(*(appender.append([new_event(name) for name in ids]) for ids in calls))


async def test_events_sent_alone_are_stored_by_one_command_and_others_in_a_transaction(counted, runtime):
    appender, store = counted
    await _at_once(appender, ["a"], ["b"], ["c"])
    assert (store.asked, store.stored, store.in_transactions) == (0, 1, 0)
    await _at_once(appender, ["d"], ["e", "f"])
    assert (store.asked, store.stored, store.in_transactions) == (0, 2, 1)
    assert await positions(runtime) == [1, 2, 3, 4, 5, 6, 7]


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
    assert await positions(runtime) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("calls", [(["a"], ["b"]), (["a", "b"],)])
async def test_who_is_overtaken_goes_on_after_the_other_and_asks_first_for_a_while(counted, runtime, calls):
    appender, store = counted
    await runtime.capture.appender.append([new_event("other-1"), new_event("other-2")])
    results = [one for result in await _at_once(appender, *calls) for one in result]
    assert [(one.status, one.position) for one in results] == [("accepted", 4), ("accepted", 5)]
    for number in range(20):
        await appender.append([new_event(f"later-{number}")])
    assert await positions(runtime) == list(range(1, 26))
    assert store.asked == 11


async def test_what_is_stored_though_its_answer_is_lost_is_found_and_nothing_is_stored_twice(
    counted, runtime
):
    appender, store = counted

    async def lost(events, first, session=None):
        store.append = type(store).append.__get__(store)
        await store.append(events, first, session)
        raise AutoReconnect("the answer is lost")

    store.append = lost
    results = [one for (one,) in await _at_once(appender, ["a"], ["b"])]
    assert [(one.status, one.position) for one in results] == [("duplicate", 2), ("duplicate", 3)]
    assert (await appender.append([new_event("c")]))[0].position == 4
    assert await positions(runtime) == [1, 2, 3, 4]


async def test_after_a_failure_the_position_is_asked_for_again(counted, runtime):
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
    assert await positions(runtime) == [1, 2, 3]


async def test_it_says_that_something_is_stored_once_it_is(runtime):
    seen = []
    appender = Appender(
        runtime.store.client,
        EventStore(runtime.store.database),
        batch_events=10,
        linger_seconds=0,
        queue_events=100,
        stored=lambda: seen.append("stored"),
    )
    appender.start()
    await appender.append([new_event("a")])
    with pytest.raises(Invalid):
        await appender.append([new_event("b", number=2**70)])
    await appender.close()
    assert seen == ["stored"]


# --- What has to be done before ---


@pytest.fixture
async def small(runtime):
    """An appender with room for four events."""
    appender = Appender(
        runtime.store.client,
        EventStore(runtime.store.database),
        batch_events=10,
        linger_seconds=0,
        queue_events=4,
    )
    appender.start()
    yield appender
    await appender.close()


class Held:
    """A preparation that ends when it is let."""

    def __init__(self):
        self.may_end = asyncio.Event()

    async def __call__(self, events):
        await self.may_end.wait()
        return [new_event(f"{event.event_id} prepared") for event in events]


async def test_what_a_preparation_makes_of_the_events_is_what_is_stored(small, runtime):
    held = Held()
    held.may_end.set()
    (result,) = await small.append([new_event("a")], held)
    assert (result.event_id, result.status) == ("a prepared", "accepted")
    assert await runtime.store.database["events"].distinct("eventId") == ["a prepared"]


async def test_events_that_are_prepared_take_up_room_until_they_are_done_or_given_up(small):
    held = Held()
    preparing = [asyncio.create_task(small.append([new_event(f"p{n}")], held)) for n in range(4)]
    await asyncio.sleep(0)
    assert small.waiting_events == 4
    with pytest.raises(Unavailable):
        small.require_room()
    preparing.pop().cancel()
    async with asyncio.timeout(5):
        while small.waiting_events == 4:
            await asyncio.sleep(0)
    small.require_room()
    held.may_end.set()
    assert [result[0].status for result in await asyncio.gather(*preparing)] == ["accepted"] * 3
    assert small.waiting_events == 0


async def test_a_preparation_that_hangs_is_given_up_in_the_time_of_the_caller(small, monkeypatch):
    monkeypatch.setattr("engine.capture.appender.APPEND_SECONDS", 0.1)
    async with asyncio.timeout(3):
        with pytest.raises(Unavailable, match="same event ids"):
            await small.append([new_event("a")], Held())
    assert small.waiting_events == 0


async def test_a_call_that_is_given_up_before_its_preparation_begins_takes_up_no_room(small):
    small.begin([new_event("a")], Held()).cancel()
    assert small.waiting_events == 1
    await asyncio.sleep(0.01)
    assert small.waiting_events == 0


async def test_who_waits_too_long_is_told_and_nobody_else(small, runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.appender.APPEND_SECONDS", 0.3)
    data = {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": 500}
    await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data=data
    )
    early = small.begin([new_event("a")])
    await asyncio.sleep(0.25)
    late = small.begin([new_event("b")])
    with pytest.raises(Unavailable, match="in time"):
        await early
    assert not late.done()
    monkeypatch.undo()
    assert [one.status for one in await small.append([new_event("a")])] == ["duplicate"]
    assert [
        one.position for one in await runtime.capture.appender.append([new_event("b"), new_event("c")])
    ] == [2, 3]


async def test_events_whose_preparation_ends_after_the_close_are_refused_at_once(small, runtime):
    held = Held()
    late = asyncio.create_task(small.append([new_event("a")], held))
    await asyncio.sleep(0)
    await small.close()
    held.may_end.set()
    async with asyncio.timeout(3):
        with pytest.raises(Unavailable, match="stopping"):
            await late
    assert await positions(runtime) == []

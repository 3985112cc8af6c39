"""The appender as its callers see it: durable, gap-free, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Invalid, Unavailable
from engine.runtime import open_runtime
from tests.engine.capture.appending import new_event, open_appender, stored_positions


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
    assert await stored_positions(runtime) == list(range(1, 601))
    assert sorted(one.position for result in results for one in result) == list(range(1, 601))


async def test_a_repeated_event_keeps_its_first_position_and_stores_nothing(runtime):
    await runtime.capture.appender.append([new_event("a")])
    again, fresh = await runtime.capture.appender.append([new_event("a"), new_event("b")])
    assert (again.status, again.position, fresh.status, fresh.position) == ("duplicate", 1, "accepted", 2)
    assert await stored_positions(runtime) == [1, 2]


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
    assert await stored_positions(runtime) == list(range(1, 301))
    assert sum(result.status == "accepted" for result in results) == 300
    assert sum(result.status == "duplicate" for result in results) == 300


async def test_a_call_that_cannot_be_stored_fails_alone(runtime):
    good = [runtime.capture.appender.append([new_event(f"good-{n}")]) for n in range(20)]
    bad = runtime.capture.appender.append([new_event("bad-1"), new_event("bad-2", number=2**70)])
    *results, failure = await asyncio.gather(*good, bad, return_exceptions=True)
    assert isinstance(failure, Invalid)
    assert all(result[0].status == "accepted" for result in results)
    assert await stored_positions(runtime) == list(range(1, 21))
    assert await runtime.store.database["events"].count_documents({"eventId": {"$regex": "^bad"}}) == 0


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
    data = {"failCommands": [command], **fault}
    if (
        command != "commitTransaction"
    ):  # which has no collection; what others ask MongoDB for meanwhile is not meant
        data["namespace"] = f"{runtime.store.database.name}.events"
    armed = await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data=data
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
    assert await stored_positions(runtime) == list(range(1, before + number + 1))


async def test_closing_stores_what_waits_and_refuses_what_comes_later(runtime):
    async with open_appender(runtime, linger_seconds=0.05) as appender:
        waiting = [asyncio.create_task(appender.append([new_event(f"w{n}")])) for n in range(30)]
        await asyncio.sleep(0)
        await appender.close()
        assert [result[0].status for result in await asyncio.gather(*waiting)] == ["accepted"] * 30
        with pytest.raises(Unavailable):
            await appender.append([new_event("late")])


async def test_after_events_were_taken_out_of_the_store_it_goes_on_where_the_store_ends(runtime):
    await runtime.capture.appender.append([new_event("a"), new_event("b")])
    await runtime.store.database["events"].delete_one({"eventId": "b"})
    runtime.capture.appender.forget()
    (result,) = await runtime.capture.appender.append([new_event("c")])
    assert result.position == 2

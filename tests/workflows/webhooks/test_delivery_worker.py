"""Many webhooks go out at once, each by one worker; workers die and endpoints hang without harm to others."""

from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from domain.instant import SECOND
from engine.webhooks.message import test_message as message_of_a_test
from engine.webhooks.schedule import ATTEMPTS
from tests.webhook_receiver import open_receiver
from workflows.webhooks.delivery_worker import AT_ONCE_TO_ONE, enqueue_due_deliveries, running_delivery_worker


async def add(hooks, endpoint, number):
    """So many messages for an endpoint, due now."""
    for one in range(number):
        key = f"{endpoint.endpoint_id} {one}"
        await hooks.deliveries.add(
            message_of_a_test(key, hooks.clock.at), [endpoint.endpoint_id], hooks.clock.at
        )


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def courier(hooks, monkeypatch):
    """A courier in the background, who does not wait long when he is stopped."""
    monkeypatch.setattr("workflows.webhooks.delivery_worker._GRACE_SECONDS", 0.2)
    async with running_delivery_worker(hooks.runtime) as courier:
        yield courier


async def test_a_message_is_sent_once_however_many_look_for_work(hooks):
    await add(hooks, hooks.endpoint, 5)
    sent = await asyncio.gather(*(hooks.send() for _ in range(8)))
    assert sum(sent) == 5
    assert len(hooks.requests) == len({one.headers["webhook-id"] for one in hooks.requests}) == 5


async def test_many_messages_are_sent_in_one_go(hooks):
    await add(hooks, hooks.endpoint, 100)
    assert await hooks.send() == 100
    assert len({request.headers["webhook-id"] for request in hooks.requests}) == 100


async def test_an_endpoint_that_hangs_does_not_hold_up_what_is_due_already(hooks, courier):
    async with open_receiver() as hanging:
        hanging.will(*[hanging.hang] * 100)
        await add(hooks, await hooks.add_endpoint(url=hanging.url), 40)
        hooks.clock.at += 1  # the other message is the last in the queue
        await add(hooks, hooks.endpoint, 1)
        courier.ring()
        began = asyncio.get_running_loop().time()
        await until(lambda: hooks.requests)
        assert asyncio.get_running_loop().time() - began < hooks.seconds
        assert 1 <= hanging.connections <= AT_ONCE_TO_ONE
        await courier.stop()


async def test_a_ring_wakes_a_courier_who_waits_for_an_endpoint_that_hangs(hooks, courier):
    async with open_receiver() as hanging:
        hanging.will(hanging.hang)
        await add(hooks, await hooks.add_endpoint(url=hanging.url), 1)
        courier.ring()
        await until(lambda: hanging.requests)
        began = asyncio.get_running_loop().time()
        await add(hooks, hooks.endpoint, 1)
        courier.ring()
        await until(lambda: hooks.requests)
        assert asyncio.get_running_loop().time() - began < hooks.seconds
        await courier.stop()


async def test_a_courier_who_has_nothing_left_begins_anew_when_rung_for(hooks, courier):
    for number in (1, 2):
        await add(hooks, await hooks.add_endpoint(), 1)
        courier.ring()
        await until(lambda number=number: len(hooks.requests) == number)
        await asyncio.sleep(0.1)


async def test_a_courier_who_is_stopped_lets_what_is_under_way_end(hooks, courier):
    await add(hooks, hooks.endpoint, AT_ONCE_TO_ONE)
    courier.ring()
    await until(lambda: hooks.requests)
    await courier.stop()
    ended = {one.state for one in await hooks.deliveries_to(hooks.endpoint) if one.attempts}
    assert ended == {"delivered"}


async def test_an_attempt_whose_worker_was_killed_is_repeated_when_its_lease_ends(hooks, courier):
    hooks.receiver.will(hooks.receiver.hang)
    await hooks.told()
    courier.ring()
    await until(lambda: hooks.requests)
    await courier.stop()
    assert await hooks.send() == 0, "it is still leased"
    hooks.clock.at += 60 * SECOND
    assert await enqueue_due_deliveries(hooks.runtime)
    assert await hooks.send() == 1
    delivery = await hooks.delivery()
    assert delivery.state == "delivered"
    assert [one.ending and one.ending.outcome for one in delivery.attempts] == [None, "delivered"]
    assert len({request.headers["webhook-id"] for request in hooks.requests}) == 1


async def test_a_message_that_kills_its_worker_every_time_ends_dead_and_its_endpoint_lives(hooks):
    await hooks.told()
    for _ in range(ATTEMPTS):
        assert await hooks.deliveries.claim(hooks.clock.at, SECOND, ())
        hooks.clock.at += SECOND
    await hooks.send()
    assert (await hooks.delivery()).state == "dead"
    assert (await hooks.endpoint_now()).state == "enabled"
    assert hooks.requests == []


async def test_an_attempt_that_was_overtaken_does_not_change_what_the_other_found(hooks):
    await hooks.told()
    overtaken = await hooks.deliveries.claim(hooks.clock.at, SECOND, ())
    hooks.clock.at += SECOND
    await hooks.send()
    delivered = await hooks.delivery()
    assert delivered.state == "delivered"
    await hooks.deliveries.finish(overtaken, "failed", delivered.attempts[1].ending, hooks.clock.at)
    assert await hooks.delivery() == delivered


async def test_an_attempt_whose_end_could_not_be_written_down_is_repeated(hooks, monkeypatch, caplog):
    async def fail(*args):
        raise AutoReconnect("the store is away")

    await hooks.told()
    with monkeypatch.context() as away:
        away.setattr(hooks.deliveries, "finish", fail)
        assert await hooks.send() == 1
    assert "will be sent again" in caplog.text
    hooks.clock.at += 60 * SECOND
    assert await hooks.send() == 1
    assert (await hooks.delivery()).state == "delivered"


async def test_a_courier_survives_a_store_that_is_away(hooks, courier, monkeypatch, caplog):
    async def fail(*args):
        raise AutoReconnect("the store is away")

    await hooks.told()
    with monkeypatch.context() as away:
        away.setattr(hooks.deliveries, "claim", fail)
        courier.ring()
        await until(lambda: "the store is away" in caplog.text)
    courier.ring()
    await until(lambda: hooks.requests)

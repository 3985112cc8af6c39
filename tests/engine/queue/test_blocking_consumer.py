"""A consumer blocks until a message is enqueued, on a real Valkey."""

from __future__ import annotations

import asyncio
import time

import dramatiq
import pytest
from dramatiq.errors import ConnectionClosed
from redis.exceptions import ConnectionError as RedisConnectionError

from engine.queue.blocking_consumer import BlockingConsumer
from engine.queue.broker import LEADS, connect_broker

LONG = 200_000  # milliseconds; a test that waits so long fails
SOON = 100.0


def message(text):
    return dramatiq.Message(queue_name=LEADS, actor_name=LEADS, args=(text,), kwargs={}, options={})


@pytest.fixture
def broker(settings):
    opened = connect_broker(settings)
    clear(opened)  # other tests of this process use the same Valkey
    yield opened
    clear(opened)
    opened.close()


def clear(broker):
    """Remove every message, and what wakes the consumers."""
    broker.client.delete(wake_key_of(broker))
    broker.flush_all()


def wake_key_of(broker):
    return f"{broker.namespace}:{LEADS}.wake"


def next_message(consumer):
    while (found := next(consumer)) is None:
        pass
    return found


async def in_time(consumer):
    """The next message; it must come long before the longest wait is over."""
    began = time.monotonic()
    found = await asyncio.to_thread(next_message, consumer)
    assert time.monotonic() - began < SOON
    return found


async def test_a_consumer_that_waits_gets_a_message_at_once(broker):
    consumer = broker.consume(LEADS, 4, LONG)
    waiting = asyncio.create_task(in_time(consumer))
    await asyncio.sleep(0.2)  # it is waiting by now
    assert not waiting.done()
    broker.enqueue(message("ada"))
    assert (await waiting).args == ("ada",)


async def test_a_message_whose_token_was_lost_is_found_by_polling(broker):
    consumer = broker.consume(LEADS, 4, 200)
    waiting = asyncio.create_task(in_time(consumer))
    await asyncio.sleep(0.1)
    broker.enqueue(message("ada"))
    broker.client.delete(wake_key_of(broker))
    assert (await waiting).args == ("ada",)


async def test_a_full_consumer_goes_on_as_soon_as_it_has_room(broker):
    consumer = broker.consume(LEADS, 1, LONG)
    broker.enqueue(message("first"))
    broker.enqueue(message("second"))
    first = await in_time(consumer)
    waiting = asyncio.create_task(in_time(consumer))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    consumer.ack(first)
    assert (await waiting).args == ("second",)


async def test_a_message_that_is_refused_makes_room_too(broker):
    consumer = broker.consume(LEADS, 1, LONG)
    broker.enqueue(message("first"))
    broker.enqueue(message("second"))
    consumer.nack(await in_time(consumer))
    assert (await in_time(consumer)).args == ("second",)


async def test_tokens_do_not_pile_up_while_nobody_waits(broker):
    for number in range(30):
        broker.enqueue(message(str(number)))
    assert broker.client.llen(wake_key_of(broker)) <= 8


async def test_a_message_for_later_leaves_no_token(broker):
    broker.enqueue(message("later"), delay=60_000)
    assert broker.client.llen(wake_key_of(broker)) == 0


async def test_a_redis_that_breaks_off_while_it_waits_is_a_closed_connection_to_dramatiq():
    class Inner:
        prefetch, outstanding_message_count = 1, 0

        def __next__(self):
            return None

    class Broken:
        def wait(self, seconds):
            raise RedisConnectionError("gone")

    with pytest.raises(ConnectionClosed):
        next(BlockingConsumer(Inner(), Broken(), LONG))

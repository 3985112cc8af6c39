"""The work queue on a real Valkey, and on one that hangs."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from domain.errors import Unavailable
from engine.queue.broker import LEADS, connect_broker
from engine.queue.work_queue import WorkQueue


@contextlib.asynccontextmanager
async def black_hole():
    """An address that takes connections and never says a word."""
    over = asyncio.Event()
    server = await asyncio.start_server(lambda *_: over.wait(), "127.0.0.1", 0)
    try:
        yield "127.0.0.1", server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()


@pytest.fixture
async def work_queue(settings):
    broker = connect_broker(settings)
    broker.flush_all()  # other tests of this process use the same Valkey
    yield WorkQueue(broker, leads_at_a_time=50)
    broker.flush_all()
    broker.close()


async def test_an_enqueued_lead_is_one_waiting_message(work_queue):
    assert await work_queue.waiting_messages(LEADS) == 0
    await work_queue.enqueue_leads(["ada"])
    assert await work_queue.waiting_messages(LEADS) == 1


async def test_a_message_that_a_worker_fetched_and_never_finished_is_not_waiting(work_queue, settings):
    await work_queue.enqueue_leads(["ada"])
    worker = connect_broker(settings)
    assert next(worker.consume(LEADS)) is not None
    assert await work_queue.waiting_messages(LEADS) == 0


async def test_a_lead_is_not_enqueued_again_while_its_message_waits(work_queue, settings):
    worker = connect_broker(settings).consume(LEADS, prefetch=10)
    await work_queue.enqueue_leads(["ada", "bob"])
    await work_queue.enqueue_leads(["bob", "cid"])
    await work_queue.enqueue_leads(["ada"])
    assert [next(worker).args[0] for _ in range(2)] == [["ada", "bob"], ["cid"]]
    await work_queue.enqueue_leads(["bob", "cid"])
    assert next(worker).args[0] == ["bob", "cid"]


async def test_many_that_enqueue_the_same_lead_at_once_send_one_message(work_queue):
    await asyncio.gather(*(work_queue.enqueue_leads(["ada"]) for _ in range(20)))
    assert await work_queue.waiting_messages(LEADS) == 1


async def test_a_lead_whose_message_was_lost_is_enqueued_again(work_queue):
    await work_queue.enqueue_leads(["ada"])
    work_queue._broker.flush_all()
    await work_queue.enqueue_leads(["ada"])
    assert await work_queue.waiting_messages(LEADS) == 1


async def test_a_redis_that_hangs_is_unavailable_in_bounded_time(settings):
    async with black_hole() as (host, port):
        broker = connect_broker(settings.model_copy(update={"redis_url": f"redis://{host}:{port}/0"}))
        work_queue = WorkQueue(broker, leads_at_a_time=50)
        began = time.monotonic()
        *failures, answers = await asyncio.gather(
            work_queue.enqueue_leads(["ada"]),
            work_queue.waiting_messages(LEADS),
            work_queue.answers(),
            return_exceptions=True,
        )
    assert time.monotonic() - began < 60
    assert [type(failure) for failure in failures] == [Unavailable, Unavailable]
    assert answers is False

"""Redis is killed, emptied, or away: events are taken in all the same, and every lead catches up."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import AsyncIterator

import pytest

from tests.faults.harness.figures import measured
from tests.faults.harness.load import drawn_events, send_all, writing


@contextlib.asynccontextmanager
async def away(valkey) -> AsyncIterator[None]:
    """Valkey is killed, and started empty at the end."""
    os.kill(valkey.pid, signal.SIGKILL)
    try:
        yield
    finally:
        await valkey.start()


async def _queued(engine) -> int:
    broker = engine.truth.work_queue._broker
    return await asyncio.to_thread(broker.do_qsize, "process_leads")


async def test_an_emptied_redis_is_made_up_for(engine, seed):
    async with writing(engine.url, engine.ledger, seed=seed, writers=16, leads=200, at_once=5):
        for _ in range(5):
            await asyncio.sleep(0.2)
            await asyncio.to_thread(engine.truth.work_queue._client.flushall)
    measured("all applied, Redis emptied five times", await engine.check(within=60))


@pytest.mark.long
async def test_while_redis_is_away_events_are_taken_in_without_a_refusal(engine, valkey, seed):
    engine.ledger.refusals.clear()
    async with away(valkey), writing(engine.url, engine.ledger, seed=seed, writers=8):
        await asyncio.sleep(2)
    assert not engine.ledger.refusals
    measured("all applied, Redis away for 2 s", await engine.check(within=60))


@pytest.mark.long
async def test_control_without_a_scheduler_an_emptied_redis_leaves_leads_behind(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api", "dispatcher")
        await engine.ready()
        events = itertools.islice(drawn_events(seed, leads=100), 500)
        await send_all([engine.url], engine.ledger, events, at_once=100)
        await engine.dispatched()
        assert await _queued(engine) > 0
        await asyncio.to_thread(engine.truth.work_queue._client.flushall)
        await engine.start("worker")
        faults = await engine.faults(within=5)
    assert any("still open" in fault for fault in faults)


@pytest.mark.long
async def test_5000_leads_that_wait_in_a_redis_that_is_killed_are_rung_for_again(new_engine, valkey, seed):
    async with new_engine(lease_seconds=10, reconcile_seconds=10, worker_heartbeat_seconds=15) as engine:
        await engine.start("api", "dispatcher", "scheduler")
        await engine.ready()
        events = list(itertools.islice(drawn_events(seed, leads=50_000, repeats=0), 5000))
        await send_all([engine.url], engine.ledger, events, at_once=250)
        await engine.dispatched()
        assert await _queued(engine) > 0
        async with away(valkey):
            await asyncio.sleep(1)
        assert await _queued(engine) == 0
        await engine.start("worker-1", "worker-2")
        measured("all applied, Redis killed with 5,000 leads queued", await engine.check(within=60))


@pytest.mark.long
async def test_half_a_minute_without_redis_delays_scores_and_refuses_no_event(new_engine, valkey, seed):
    async with new_engine(lease_seconds=10, reconcile_seconds=10, worker_heartbeat_seconds=15) as engine:
        await engine.whole()
        async with away(valkey), writing(engine.url, engine.ledger, seed=seed, writers=4, pause=0.02):
            await asyncio.sleep(30)
        assert not engine.ledger.refusals
        measured("all applied, Redis away for 30 s", await engine.check(within=60))

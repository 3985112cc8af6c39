"""Parts of the running engine are killed under load, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.faults.harness.checker import everything_applied
from tests.faults.harness.figures import measured
from tests.faults.harness.load import drawn_events, send_all, writing

IN_PRODUCTION = {
    "lease_seconds": 10.0,
    "reconcile_seconds": 10.0,
    "worker_heartbeat_seconds": 15,
    "execution_lease_seconds": 60.0,
}
"""The defaults, as against the short waits of the other tests."""

IN_THE_MIDST = {"at": "engine.leads.history_store:HistoryStore.add", "when": "before"}
"""Where a worker is killed that has a message in its hands for certain."""


@pytest.mark.parametrize("part", ["api", "worker-1", pytest.param("scheduler", marks=pytest.mark.long)])
async def test_a_part_that_is_killed_and_started_again_loses_nothing(engine, seed, part):
    async with writing(engine.url, engine.ledger, seed=seed, writers=16):
        await asyncio.sleep(0.7)
        await engine.restart(part)
        await engine.ready()
    await engine.check(within=30)


async def test_a_killed_dispatcher_is_replaced_by_the_one_standing_by(engine, seed):
    await engine.start("dispatcher-2")
    async with writing(engine.url, engine.ledger, seed=seed, writers=16):
        await asyncio.sleep(1)
        await engine.kill("dispatcher")
        await asyncio.sleep(1)
    measured("all applied, dispatcher killed, lease of 2 s", await engine.check(within=30))


@pytest.mark.long
async def test_control_a_worker_killed_between_two_writes_without_a_transaction_leaves_half_a_lead(
    new_engine, seed
):
    async with new_engine() as engine:
        crash = {**IN_THE_MIDST, "nth": 2}
        await engine.start("api", "dispatcher")
        await engine.start("worker", sabotage={"plant": ["no_transactions"], "crash": crash})
        await engine.ready()
        async with writing(engine.url, engine.ledger, seed=seed):
            await engine.ended("worker")
        await engine.start("worker")
        faults = await engine.faults(within=5)
    assert any("history of lead" in fault for fault in faults)


@pytest.mark.long
async def test_a_worker_that_finds_no_mongodb_ends_to_be_started_again(new_engine):
    async with new_engine() as engine:
        await engine.start("worker", mongodb_uri="mongodb://127.0.0.1:1/?replicaSet=rs0")
        assert await engine.ended("worker", seconds=30) == 1


@pytest.mark.long
async def test_messages_of_a_killed_worker_go_on_within_half_a_minute(new_engine, seed):
    async with new_engine(**IN_PRODUCTION) as engine:
        await engine.start("api", "dispatcher", "scheduler")
        await engine.start("worker-1", sabotage={"crash": {**IN_THE_MIDST, "nth": 20}})
        await engine.ready()
        async with writing(engine.url, engine.ledger, seed=seed, leads=500, writers=8, at_once=20):
            await engine.ended("worker-1")
        assert await _unacknowledged(engine) > 0, "the control: it was killed with messages in its hands"
        await engine.start("worker-2")
        measured("messages of a killed worker go on", await _leads_applied(engine, within=30))
        measured("and its automations", await engine.check(within=120))


@pytest.mark.long
async def test_a_worker_killed_every_two_seconds_for_a_minute_delays_500_leads_and_no_more(new_engine, seed):
    async with new_engine(**IN_PRODUCTION) as engine:
        await engine.start("api", "dispatcher", "scheduler", "worker-1", "worker-2")
        await engine.ready()
        workers = itertools.cycle(["worker-1", "worker-2"])
        async with writing(engine.url, engine.ledger, seed=seed, leads=500, writers=8, at_once=5):
            for worker in itertools.islice(workers, 30):
                await asyncio.sleep(2)
                await engine.restart(worker)
        measured("all leads applied after the last of 30 kills", await _leads_applied(engine, within=60))
        measured("and all automations", await engine.check(within=150))


@pytest.mark.long
async def test_control_messages_of_a_killed_worker_do_not_go_on_by_themselves(new_engine, seed):
    async with new_engine(worker_heartbeat_seconds=600) as engine:  # and nobody looks for leads left behind
        await engine.start("api")
        await engine.ready()
        events = itertools.islice(drawn_events(seed, leads=500), 2000)
        await send_all([engine.url], engine.ledger, events, at_once=100)
        await engine.start("dispatcher")  # only now, so that each lead is in one message and in no later one
        await engine.dispatched()
        await engine.start("worker-1", sabotage={"crash": {**IN_THE_MIDST, "nth": 1}})
        await engine.ended("worker-1")
        await engine.start("worker-2")
        faults = await engine.faults(within=10)
    assert any("still open" in fault for fault in faults)


async def _unacknowledged(engine) -> int:
    """How many messages workers have taken and not finished."""
    client = engine.truth.work_queue._client
    keys = await asyncio.to_thread(
        lambda: client.keys(f"{engine.truth.work_queue._broker.namespace}:__acks__*")
    )
    return sum([await asyncio.to_thread(client.scard, key) for key in keys])


async def _leads_applied(engine, *, within: float) -> float:
    """After how many seconds every lead has applied its events; automations may still be open."""
    return await everything_applied(engine.truth, within, executions=False)

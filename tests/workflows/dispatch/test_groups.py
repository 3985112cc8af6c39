"""Dispatchers share the groups of partitions: no lead is dispatched by two, and what a dead one leaves is taken over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.events.partition import groups_of
from domain.instant import to_datetime
from engine.process.tasks import cancel_and_wait
from tests.conftest import RecordingQueue
from tests.engine.store.quick_leases import QuickLeases, run_out
from tests.workflows.partitioned import leads_of, with_partitions
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.dispatch.dispatch import CHECKPOINT
from workflows.dispatch.groups import count_groups_without_dispatcher, dispatch_with_others

PARTITIONS = 4
LEADS = [one for part in range(PARTITIONS) for one in leads_of(part, PARTITIONS, 2)]


class Dispatcher:
    """A dispatcher in this test, with leases and a queue of its own."""

    def __init__(self, engine, holder):
        self.leases, self.queue = QuickLeases(engine.store.database, holder), RecordingQueue()
        runtime = replace(engine, store=replace(engine.store, leases=self.leases), work_queue=self.queue)
        self.task = asyncio.create_task(dispatch_with_others(runtime))

    def leads(self):
        """The leads that it has enqueued since the last call."""
        taken, self.queue.leads = self.queue.leads, []
        return taken

    async def fall_silent(self):
        """End without a word to the others, as a process that is killed."""
        self.leases.fall_silent()
        await cancel_and_wait(self.task)


@pytest.fixture
async def engine(runtime):
    patient = runtime.with_settings(dispatch_poll_seconds=0.1)
    async with with_partitions(patient, PARTITIONS) as opened:
        yield opened


@pytest.fixture
async def dispatchers(engine):
    """Two of them, each of which has half of the groups."""
    one, two = Dispatcher(engine, "one"), Dispatcher(engine, "two")
    leases = engine.store.database["leases"]
    async with asyncio.timeout(60):
        while await _held(leases, "one") != 2 or await _held(leases, "two") != 2:
            await asyncio.sleep(0.05)
    yield one, two
    for dispatcher in (one, two):
        await cancel_and_wait(dispatcher.task)


async def _held(leases, holder):
    return await leases.count_documents({"_id": {"$regex": "^dispatcher:"}, "holder": holder})


async def _send(engine, *lead_ids):
    at = to_datetime(engine.now()) - timedelta(hours=1)
    await ingest(engine, [EventInput(lead_id=one, type="page_view", occurred_at=at) for one in lead_ids])


async def _until_dispatched(engine, numbers):
    """Return when the checkpoint includes so many events of each partition."""
    async with asyncio.timeout(60):
        while True:
            cursor = await engine.store.checkpoints.cursor(CHECKPOINT, PARTITIONS)
            if [one % 2**44 for one in cursor.positions] == numbers:
                return
            await asyncio.sleep(0.05)


async def _until_looked_twice(dispatcher):
    """Return when it has looked for its share again, to the end, and again."""
    last = dispatcher.leases.rounds + 3
    async with asyncio.timeout(60):
        while dispatcher.leases.rounds < last:
            await asyncio.sleep(0.05)


async def _partitions_of(engine, holder):
    """The partitions whose groups a dispatcher holds."""
    found = engine.store.database["leases"].find({"_id": {"$regex": "^dispatcher:"}, "holder": holder})
    return sorted([int(doc["_id"].partition(":")[2]) async for doc in found])


async def test_groups_without_a_dispatcher_are_counted(engine, dispatchers):
    one, two = dispatchers
    assert await count_groups_without_dispatcher(engine) == 0
    await one.fall_silent()
    await two.fall_silent()
    assert await count_groups_without_dispatcher(engine) == 0, "their leases last"
    await run_out(engine.store.database, "two")
    assert await count_groups_without_dispatcher(engine) == PARTITIONS / 2
    await run_out(engine.store.database, "one")
    assert await count_groups_without_dispatcher(engine) == PARTITIONS


async def test_of_one_partition_there_is_one_group(runtime):
    assert await count_groups_without_dispatcher(runtime) == 1
    await runtime.store.leases.take("dispatcher")
    assert await count_groups_without_dispatcher(runtime) == 0


def test_groups_are_all_partitions_in_equal_parts():
    for power in range(1, 9):
        groups = groups_of(2**power)
        assert [one for group in groups for one in group] == list(range(2**power))
        assert len({len(group) for group in groups}) == 1
        assert len(groups) == min(2**power, 16)


async def test_each_lead_is_dispatched_and_by_one_of_them(engine, dispatchers):
    one, two = dispatchers
    await _send(engine, *LEADS)
    await _until_dispatched(engine, [2] * PARTITIONS)
    first, second = one.leads(), two.leads()
    assert set(first) | set(second) == set(LEADS)
    assert len(set(first)) == len(set(second)) == len(LEADS) // 2, "each has dispatched what is its own"


async def test_what_a_killed_one_leaves_is_dispatched_by_the_other(engine, dispatchers):
    one, two = dispatchers
    await one.fall_silent()
    await run_out(engine.store.database, "one")
    await _send(engine, *LEADS)
    await _until_dispatched(engine, [2] * PARTITIONS)
    assert set(two.leads()) == set(LEADS)


async def test_control_while_its_leases_last_nobody_dispatches_what_a_killed_one_leaves(engine, dispatchers):
    one, two = dispatchers
    left = await _partitions_of(engine, "one")
    await one.fall_silent()
    await _send(engine, *LEADS)
    await _until_dispatched(engine, [0 if part in left else 2 for part in range(PARTITIONS)])
    await _until_looked_twice(two)
    assert await _partitions_of(engine, "one") == left
    assert len(set(two.leads())) == len(LEADS) // 2

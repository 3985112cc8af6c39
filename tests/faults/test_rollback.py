"""A primary dies with writes that no other member has, and comes back to roll them back."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.harness.load import writing

ROLLBACK_SECONDS = 180

pytestmark = pytest.mark.long


async def _lose_a_primary_that_nobody_follows(engine, replica_set, seed, *, seconds: float) -> None:
    """Write for so long through a primary that replicates nothing, then kill it and bring it back."""
    primary = await replica_set.primary()
    secondaries = await replica_set.secondaries()
    before = primary.rollback_files()
    async with writing(engine.url, engine.ledger, seed=seed):
        await asyncio.sleep(0.5)
        for member in secondaries:
            await member.fail("stopReplProducer")
        await asyncio.sleep(seconds)
        await primary.end()
        for member in secondaries:
            await member.heal("stopReplProducer")
        await (
            replica_set.primary()
        )  # another one: were the old one back before, it would be elected, or caught up with
        await primary.start()
        async with asyncio.timeout(ROLLBACK_SECONDS):  # the control: there is something to roll back
            while primary.rollback_files() == before:
                await asyncio.sleep(0.05)
        await replica_set.whole()


async def test_what_was_acknowledged_is_never_among_what_is_rolled_back(engine, replica_set, seed):
    await _lose_a_primary_that_nobody_follows(engine, replica_set, seed, seconds=1)
    await engine.check(within=30)


async def test_control_events_that_only_one_member_had_written_are_lost(new_engine, replica_set, seed):
    async with new_engine() as engine:
        await engine.start("api", sabotage={"plant": ["weak_writes"]})
        await engine.start("dispatcher", "scheduler", "worker")
        await engine.ready()
        await _lose_a_primary_that_nobody_follows(engine, replica_set, seed, seconds=1)
        faults = await engine.faults(within=2)
    assert any("is lost or moved" in fault for fault in faults)

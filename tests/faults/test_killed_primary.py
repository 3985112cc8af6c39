"""The primary of MongoDB is killed under load, and senders notice a pause and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.faults.harness.figures import measured
from tests.faults.harness.load import writing

MAX_PAUSE_SECONDS = 6.0
MAX_PAUSE_HUNG_SECONDS = 40.0
"""A killed process closes its connections; one that hangs keeps them open, and neither we nor the other members notice."""
BETWEEN_KILLS_SECONDS = 1.5


async def _kill_primaries(engine, replica_set, seed, *, times: int, writers: int) -> None:
    clock = asyncio.get_running_loop()
    async with writing(engine.url, engine.ledger, seed=seed, writers=writers):
        for number in range(1, times + 1):
            await asyncio.sleep(BETWEEN_KILLS_SECONDS)
            primary, killed_at = await replica_set.primary(), clock.time()
            await primary.end()
            assert await replica_set.primary() is not primary
            await replica_set.whole()
            await asyncio.sleep(BETWEEN_KILLS_SECONDS)
            pause = engine.ledger.longest_pause(killed_at - BETWEEN_KILLS_SECONDS)
            measured(f"pause of writes, primary killed ({number} of {times})", pause)
            assert pause <= MAX_PAUSE_SECONDS


async def test_a_killed_primary_costs_a_short_pause_and_no_event(engine, replica_set, seed):
    await _kill_primaries(engine, replica_set, seed, times=1, writers=8)
    await engine.check(within=30)


@pytest.mark.long
async def test_five_killed_primaries_cost_five_short_pauses_and_no_event(engine, replica_set, seed):
    await _kill_primaries(engine, replica_set, seed, times=5, writers=8)
    await engine.check(within=30)


@pytest.mark.long
async def test_a_primary_that_hangs_costs_a_longer_pause_and_no_event(engine, replica_set, seed):
    async with writing(engine.url, engine.ledger, seed=seed, writers=8):
        await asyncio.sleep(BETWEEN_KILLS_SECONDS)
        primary, hung_at = await replica_set.primary(), asyncio.get_running_loop().time()
        os.kill(primary.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(MAX_PAUSE_HUNG_SECONDS)
        finally:
            os.kill(primary.pid, signal.SIGCONT)
        await replica_set.whole()
    pause = engine.ledger.longest_pause(hung_at - BETWEEN_KILLS_SECONDS)
    measured("pause of writes, primary hung", pause)
    assert pause <= MAX_PAUSE_HUNG_SECONDS
    await engine.check(within=30)


@pytest.mark.long
async def test_control_events_answered_before_their_commit_are_lost(new_engine, replica_set, seed):
    async with new_engine() as engine:
        await engine.start("api", sabotage={"plant": ["early_answers"]})  # and nobody else who appends
        await engine.ready()
        primary = await replica_set.primary()
        async with writing(engine.url, engine.ledger, seed=seed, writers=8):
            await asyncio.sleep(BETWEEN_KILLS_SECONDS)
            await _answered(engine)
            await primary.end()  # after the answer and before the commit
        faults = await engine.faults(within=0.1)
    assert any("is lost or moved" in fault for fault in faults)


async def _answered(engine) -> None:
    """Return as soon as a further event has been answered."""
    before = len(engine.ledger.acknowledged)
    while len(engine.ledger.acknowledged) == before:
        await asyncio.sleep(0.001)

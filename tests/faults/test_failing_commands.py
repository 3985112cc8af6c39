"""MongoDB fails commands in every way it can; senders see nothing of it, or a 503 that is safe to repeat."""

from __future__ import annotations

import asyncio
import random
from functools import partial

import pytest

from tests.faults.harness.failing_commands import COMMANDS, OF_THE_ENGINE, WAYS
from tests.faults.harness.load import writing


async def _fail(engine, replica_set, seed, commands, data, *, times: int, bursts: int) -> None:
    """Fail the next commands of the engine a few times while it is under load."""
    chance = random.Random(seed)
    load = partial(writing, engine.url, engine.ledger, writers=4, leads=20)
    async with load(seed=seed), load(seed=seed + 1, at_once=3):
        for _ in range(bursts):
            await asyncio.sleep(0.2 + chance.random() / 5)
            point = {"failCommands": list(commands), **data, **OF_THE_ENGINE}
            await replica_set.fail("failCommand", {"times": times}, **point)
            await asyncio.sleep(0.3)
    await replica_set.heal("failCommand")


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_that_fails_leaves_no_hole_and_no_double(engine, replica_set, seed, command, way):
    await _fail(engine, replica_set, seed, [command], WAYS[way], times=4, bursts=3)
    await engine.check(within=30)


async def test_commands_that_fail_in_every_way_at_once_leave_no_hole_and_no_double(engine, replica_set, seed):
    for data in WAYS.values():
        await _fail(engine, replica_set, seed, COMMANDS, data, times=6, bursts=1)
    await engine.check(within=30)


@pytest.mark.long
async def test_control_positions_that_are_given_away_before_events_are_stored_have_holes(
    new_engine, replica_set, seed
):
    async with new_engine() as engine:
        await engine.start("api", sabotage={"plant": ["positions_handed_out"]})
        await engine.ready()
        await _fail(engine, replica_set, seed, ["insert"], WAYS["error 112"], times=6, bursts=2)
        faults = await engine.faults(within=0.1)
    assert "positions have a hole" in faults

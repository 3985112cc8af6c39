"""Each part is killed at each step of its work between which a crash could do harm."""

from __future__ import annotations

import random
from functools import partial

import pytest

from tests.faults.harness.crash_points import POINTS, Point
from tests.faults.harness.load import writing


async def _crash_at(engine, *points: Point, seed: int, plant: tuple[str, ...] = ()) -> None:
    """Run parts under load until each has been killed at its point, and start them again."""
    chance = random.Random(seed)
    for point in points:
        crash = {"at": point.at, "when": point.when, "nth": chance.randint(1, 4)}
        if point.part in engine.parts:
            await engine.kill(point.part)
        await engine.start(point.part, sabotage={"crash": crash, "plant": plant})
    load = partial(writing, engine.url, engine.ledger, writers=2, leads=200, pause=0.02)
    # What is sent alone is stored otherwise than what is sent together.
    async with load(seed=seed), load(seed=seed + 1, at_once=3):
        for point in points:
            assert await engine.ended(point.part) == -9
            await engine.start(point.part)


@pytest.mark.long
@pytest.mark.parametrize("name", POINTS)
async def test_a_part_killed_at_any_step_leaves_nothing_lost_doubled_or_half_done(engine, seed, name):
    await _crash_at(engine, POINTS[name], seed=seed)
    await engine.check(within=30)


async def test_three_parts_killed_at_steps_of_their_own_leave_nothing_half_done(engine, seed):
    chance = random.Random(seed)
    parts = {
        part: [one for one in POINTS.values() if one.part == part]
        for part in ("api", "dispatcher", "worker-1")
    }
    await _crash_at(engine, *map(chance.choice, parts.values()), seed=seed)
    await engine.check(within=30)


@pytest.mark.long
async def test_control_an_effect_without_a_key_of_its_own_is_there_twice_after_a_crash(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api", "dispatcher", "scheduler")
        point = POINTS["effect: performed, no event appended"]
        await _crash_at(engine, point, seed=seed, plant=("effects_without_a_key",))
        faults = await engine.faults(within=15)
    assert any("comes from no execution" in fault for fault in faults)

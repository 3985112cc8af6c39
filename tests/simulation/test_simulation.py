"""Thousands of worlds in which everything goes wrong, each the same again for its seed, keep every promise.

What breaks is printed with its seed; `SIMULATION_SEED=4711` runs that world alone.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from domain.events.partition import partition_of
from tests.simulation.simulator.partitioned import (
    greatest_position_only,
    other_partition_forgotten,
    two_partitions,
)
from tests.simulation.simulator.plants import PLANTS, checkpoint_before_enqueueing, positions_handed_out
from tests.simulation.simulator.runs import broken_worlds, broken_worlds_on_all_cores, simulate, trace
from tests.simulation.simulator.world import World

SHORT, LONG = 300, 10_000
PARTITIONED, LONG_PARTITIONED = 40, 2_000
MAX_TO_FIND_A_BUG = 1000


def test_300_worlds_keep_every_promise():
    one = os.environ.get("SIMULATION_SEED")
    assert broken_worlds([int(one)] if one else range(SHORT)) == {}


@pytest.mark.long
def test_10000_worlds_keep_every_promise():
    """How long they take depends on the machine, so it is printed and not judged."""
    began = time.monotonic()
    assert broken_worlds_on_all_cores(range(LONG)) == {}
    print(f"{LONG} worlds in {time.monotonic() - began:.0f} s")


def test_worlds_of_two_partitions_keep_every_promise():
    assert broken_worlds(range(PARTITIONED), two_partitions) == {}


@pytest.mark.long
def test_2000_worlds_of_two_partitions_keep_every_promise():
    assert broken_worlds_on_all_cores(range(LONG_PARTITIONED), two_partitions) == {}


@pytest.mark.parametrize(
    "plant",
    [positions_handed_out, checkpoint_before_enqueueing, greatest_position_only, other_partition_forgotten],
    ids=lambda plant: plant.__name__,
)
def test_control_a_bug_is_found_in_a_world_of_two_partitions(plant):
    assert any(simulate(seed, two_partitions, plant) for seed in range(MAX_TO_FIND_A_BUG))


def test_a_seed_gives_the_same_world_again_in_any_process(monkeypatch):
    seeds = range(20)
    traces = [trace(seed) for seed in seeds]
    assert len(set(traces)) == len(seeds)
    monkeypatch.setenv("PYTHONHASHSEED", "1")  # so that sets have another order there than here
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(trace, seeds)) == traces


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_control_a_planted_bug_is_found(plant):
    found = next((seed for seed in range(MAX_TO_FIND_A_BUG) if simulate(seed, plant)), None)
    assert found is not None
    print(f"found in world {found}: {simulate(found, plant)}")


def test_worlds_are_not_quiet():
    """The control of the worlds themselves: crashes, second attempts and decay do occur."""
    died = repeated = decayed = merged = parted = 0
    for seed in range(100):
        world = World(seed)
        world.run()
        died += sum(process.dead for process in world.processes)
        repeated += sum(len(one.attempts) > 1 for one in world.memory.all("executions").values())
        types = Counter(doc["type"] for doc in world.memory.all("events").values())
        decayed += types["score.decayed"]
        merged += types["lead.merged"]
        parted += types["lead.unmerged"]
    assert died > 100
    assert repeated > 5
    assert decayed > 10
    assert merged > 30
    assert parted > 10


def test_worlds_of_two_partitions_are_not_quiet():
    """Both partitions have events, and leads are merged within one and over both."""
    partitions, types, over_both = Counter(), Counter(), 0
    for seed in range(PARTITIONED):
        world = World(seed, (two_partitions,))
        world.run()
        partitions.update(at >> 44 for at in world.memory.all("events"))
        types.update(doc["type"] for doc in world.memory.all("events").values())
        over_both += sum(
            doc["type"] == "lead.merged" and partition_of(doc["properties"]["into"], 2) != at >> 44
            for at, doc in world.memory.all("events").items()
        )
    assert min(partitions[0], partitions[1]) > 50
    assert types["score.decayed"] > 5
    assert types["lead.merged"] - over_both > 2
    assert over_both > 5

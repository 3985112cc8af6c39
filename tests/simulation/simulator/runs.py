"""Runs of many worlds, in this process or in several."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.simulator.world import World

__all__ = ["broken_worlds", "broken_worlds_on_all_cores", "simulate", "trace"]

Plant = Callable[[World], None]
_SHARE = 250


def simulate(seed: int, *plants: Plant) -> list[str]:
    """Every promise that is broken in the world of this seed."""
    return World(seed, plants).run()


def broken_worlds(seeds: Iterable[int], *plants: Plant) -> dict[int, list[str]]:
    """The seeds whose worlds break a promise, and which."""
    return {seed: faults for seed in seeds if (faults := simulate(seed, *plants))}


def broken_worlds_on_all_cores(seeds: range, *plants: Plant) -> dict[int, list[str]]:
    """The same, as fast as this machine can."""
    shares = [seeds[start : start + _SHARE] for start in range(0, len(seeds), _SHARE)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.map(broken_worlds, shares, *([plant] * len(shares) for plant in plants))
        return {seed: faults for broken in found for seed, faults in broken.items()}


def trace(seed: int) -> str:
    """All that a world has come to: the same text for the same seed, in every process."""
    world = World(seed)
    faults = world.run()
    # The ids of merges are random: nothing depends on them.
    events = [(at, doc["eventId"].split(":")[0]) for at, doc in sorted(world.memory.all("events").items())]
    executions = sorted(world.memory.all("executions").items())
    return repr((faults, events, executions, world.loop.time(), world.memory.commits))

"""Worlds whose log has two partitions."""

from __future__ import annotations

from tests.simulation.simulator.world import World

__all__ = ["two_partitions"]


def two_partitions(world: World) -> None:
    """Leads are in two partitions; those of different ones cannot be merged."""

    class Partitioned(world.stores.EventStore):
        partitions = 2

    world.stores.EventStore = Partitioned

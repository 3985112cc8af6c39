"""Worlds whose log has two partitions, and what can be wrong with leads that have streams in both."""

from __future__ import annotations

from domain.events.applied_positions import NOTHING_APPLIED
from tests.simulation.simulator.world import World

__all__ = ["greatest_position_only", "other_partition_forgotten", "two_partitions"]


def two_partitions(world: World) -> None:
    """Leads are in two partitions, and are merged over them too."""

    class Partitioned(world.stores.EventStore):
        partitions = 2

    world.stores.EventStore = Partitioned


def greatest_position_only(world: World) -> None:
    """How far a lead has been applied is its greatest position, which says nothing of the other partition."""

    class Greatest(world.stores.EventStore):
        async def after(self, applied, limit, session=None, *, streams=None):
            found = await super().after(applied, limit, session, streams=streams)
            return [one for one in found if one.position > applied[one.lead_id].last]

    world.stores.EventStore = Greatest


def other_partition_forgotten(world: World) -> None:
    """A merged lead begins with the position of its own partition alone."""

    class Forgotten(world.stores.EventStore):
        async def newest_of_streams(self, streams, partitions, session):
            return NOTHING_APPLIED

    world.stores.EventStore = Forgotten

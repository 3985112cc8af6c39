"""The check of a sharded cluster: what of it would part the documents of a lead, or keep them from being spread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from domain.errors import Invalid
from engine.store.collection import CollectionSpec, Distribution
from engine.store.sharding.cluster import FIRST, LAST, ClusterState
from engine.store.sharding.layout import Layout, Range
from engine.store.sharding.plan import CHUNK_MIB, SHARD_KEYS

__all__ = ["conflicts", "layout_after", "layout_of", "problems", "zones_by_lead"]


def conflicts(state: ClusterState, specs: Iterable[CollectionSpec]) -> list[str]:
    """What no command of ours may be run on: a collection that is sharded by another key than its own."""
    return [
        f"{spec.name} is sharded by {dict(found.key)}, and {_wanted(spec)}"
        for spec in specs
        if (found := state.collections.get(spec.name))
        and dict(found.key) != SHARD_KEYS.get(spec.distribution)
    ]


def problems(
    state: ClusterState, specs: Iterable[CollectionSpec], *, chunk_mib: int = CHUNK_MIB
) -> list[str]:
    """Every way in which the cluster is not as `set_up_steps` makes it, as sentences; none if all is well."""
    specs = tuple(specs)
    return [*conflicts(state, specs), *_missing(state, specs), *_parted(state, specs, chunk_mib)]


def layout_of(state: ClusterState, specs: Iterable[CollectionSpec], partitions: int) -> Layout:
    """The layout that the zones of all collections by lead say. Raises `Invalid` where they leave one out or differ."""
    zones = set(zones_by_lead(state, specs, partitions).values())
    if len(zones) != 1 or len(layouts := _layouts(zones, partitions)) != 1:
        raise _not_alike()
    return layouts.pop()


def layout_after(
    state: ClusterState, specs: Iterable[CollectionSpec], partitions: int, move: tuple[int, str]
) -> Layout:
    """The layout once a partition was moved to a shard, also when an earlier run of the move was cut off.

    Raises `Invalid` when the zones of collections by lead differ in anything else.
    """
    partition, target = move
    found = _layouts(set(zones_by_lead(state, specs, partitions).values()), partitions)
    after = {(*layout[:partition], target, *layout[partition + 1 :]) for layout in found}
    if len(after) != 1:
        raise _not_alike()
    return after.pop()


def zones_by_lead(
    state: ClusterState, specs: Iterable[CollectionSpec], partitions: int
) -> dict[str, tuple[Range, ...]]:
    """The zones of each collection by lead that is sharded, by partition. Raises `Invalid` for another number of them."""
    by_lead = (spec.name for spec in specs if spec.distribution is Distribution.BY_LEAD)
    found = {name: state.collections[name].zones for name in by_lead if name in state.collections}
    edges = {edge for zones in found.values() for one in zones for edge in (one.first, one.end)}
    if any(not 0 < edge < partitions for edge in edges - {FIRST, LAST}):
        raise Invalid(f"partitions: the zones of this cluster are not those of {partitions} partitions.")
    return {
        name: tuple(Range(max(one.first, 0), min(one.end, partitions), one.shard) for one in zones)
        for name, zones in found.items()
    }


def _layouts(zones: Iterable[tuple[Range, ...]], partitions: int) -> set[Layout]:
    """The layouts of those zones that leave no partition out."""
    owners = (tuple(_owner(each, partition) for partition in range(partitions)) for each in zones)
    return {layout for layout in owners if all(layout)}


def _not_alike() -> Invalid:
    return Invalid(
        "The zones of collections by lead are missing or not alike: see `lead-engine shard check`."
    )


def _wanted(spec: CollectionSpec) -> str:
    key = SHARD_KEYS.get(spec.distribution)
    return f"must be by {key}" if key else "must not be sharded"


def _missing(state: ClusterState, specs: tuple[CollectionSpec, ...]) -> Iterator[str]:
    for spec in specs:
        if spec.distribution in SHARD_KEYS and spec.name not in state.collections:
            yield f"{spec.name} is not sharded, and {_wanted(spec)}"


def _parted(state: ClusterState, specs: tuple[CollectionSpec, ...], chunk_mib: int) -> Iterator[str]:
    by_lead = [
        (spec.name, state.collections[spec.name])
        for spec in specs
        if spec.distribution is Distribution.BY_LEAD
        and spec.name in state.collections
        and dict(state.collections[spec.name].key) == SHARD_KEYS[Distribution.BY_LEAD]
    ]
    for name, found in by_lead:
        first_name, first = by_lead[0]
        if found.zones != first.zones:
            yield f"{name} has other zones than {first_name}: a lead would be parted"
        if not _covers(found.zones):
            yield f"{name} has partitions in no zone: they may be moved away from their lead"
        if at := _difference(found.places, first.places):
            yield f"{name} has partition {at[0]} on {at[1]}, {first_name} has it on {at[2]}: its leads are parted"
        if (found.chunk_mib or 0) < chunk_mib:
            yield f"{name} has chunks of {found.chunk_mib or 'the default'} MiB, fewer than {chunk_mib}: partitions may not move"
        for one in found.zones:
            if one.shard not in state.zones.get(one.shard, ()):
                yield f"the zone {one.shard} of {name} is of no shard of that name"
        if at := _difference(found.places, found.zones):
            yield f"{name} has partition {at[0]} on {at[1]}, its zone is {at[2]}: the balancer is not done, or off"


def _covers(zones: tuple[Range, ...]) -> bool:
    edges = [(one.first, one.end) for one in zones]
    return (
        bool(edges)
        and edges[0][0] == FIRST
        and edges[-1][1] == LAST
        and all(a[1] == b[0] for a, b in pairwise(edges))
    )


def _owner(found: Iterable[Range], partition: int) -> str:
    return next((one.shard for one in found if one.first <= partition < one.end), "")


def _difference(one: tuple[Range, ...], other: tuple[Range, ...]) -> tuple[int, str, str] | None:
    """The first partition that two collections have on different shards, and both."""
    for edge in sorted({each.first for each in (*one, *other)}):
        mine, others = _owner(one, edge), _owner(other, edge)
        if mine != others:
            return max(edge, 0), mine, others
    return None

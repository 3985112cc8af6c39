"""The plan of a sharded cluster: the administration commands that give every collection its key, zones and chunk size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bson.max_key import MaxKey
from bson.min_key import MinKey

from engine.store.collection import PARTITION, CollectionSpec, Distribution
from engine.store.mongo import Document
from engine.store.sharding.layout import Layout, Range, ranges

__all__ = ["CHUNK_MIB", "SHARD_KEYS", "Step", "bounds", "move_steps", "set_up_steps"]

CHUNK_MIB = 1024
"""Size of a range that MongoDB moves as one: a partition is to fit in, for a single value of a key cannot be cut."""

SHARD_KEYS: dict[Distribution, Document] = {
    Distribution.BY_LEAD: {PARTITION: 1},
    Distribution.BY_ID: {"_id": "hashed"},
}
"""The shard keys of collections that are sharded."""


@dataclass(frozen=True)
class Step:
    """One command for the `admin` database of a router."""

    command: Document


def set_up_steps(
    database: str, specs: Iterable[CollectionSpec], layout: Layout, *, chunk_mib: int = CHUNK_MIB
) -> list[Step]:
    """The commands that shard the collections, those by lead all alike. Each may be repeated.

    Zones come before the collections are sharded: then their ranges are made on the right shards at once.
    """
    steps = [Step({"enableSharding": database})]
    steps += [Step({"addShardToZone": shard, "zone": shard}) for shard in dict.fromkeys(layout)]
    for spec in specs:
        name = f"{database}.{spec.name}"
        if spec.distribution is Distribution.BY_LEAD:
            steps += [_zone(name, one, len(layout), one.shard) for one in ranges(layout)]
        if key := SHARD_KEYS.get(spec.distribution):
            steps.append(Step({"shardCollection": name, "key": key}))
        if spec.distribution is Distribution.BY_LEAD:
            steps.append(Step({"configureCollectionBalancing": name, "chunkSize": chunk_mib}))
    return steps


def move_steps(
    database: str, zones: Mapping[str, Sequence[Range]], after: Layout, move: tuple[int, str]
) -> list[Step]:
    """The commands that move a partition of the collections in `zones`, and their zones from what they are to `after`.

    The balancer stands still meanwhile: between the old zone and the new one it could send the range anywhere.
    A partition that is larger than the chunk size moves too (`forceJumbo`).
    """
    partition, target = move
    steps = [Step({"balancerStop": 1}), Step({"addShardToZone": target, "zone": target})]
    low, high = bounds(Range(partition, partition + 1, target), len(after))
    for collection, old in zones.items():
        name, new = f"{database}.{collection}", ranges(after)
        steps += [_zone(name, one, len(after), None) for one in old if one not in new]
        steps += [_zone(name, one, len(after), one.shard) for one in new if one not in old]
        command = {"moveRange": name, "min": low, "max": high, "toShard": target, "forceJumbo": True}
        steps.append(Step(command))
    return [*steps, Step({"balancerStart": 1})]


def bounds(one: Range, partitions: int) -> tuple[Document, Document]:
    """The range as bounds of the shard key. The first begins before, and the last ends after, every value."""
    low = MinKey() if one.first == 0 else one.first
    high = MaxKey() if one.end == partitions else one.end
    return {PARTITION: low}, {PARTITION: high}


def _zone(collection: str, one: Range, partitions: int, zone: str | None) -> Step:
    low, high = bounds(one, partitions)
    return Step({"updateZoneKeyRange": collection, "min": low, "max": high, "zone": zone})

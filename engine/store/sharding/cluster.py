"""A sharded cluster as its config servers describe it: shards, keys, zones, ranges and chunk sizes of collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.errors import PyMongoError

from domain.errors import Invalid, Unavailable
from engine.store.collection import PARTITION
from engine.store.mongo import Database, Document
from engine.store.sharding.layout import Range

__all__ = ["FIRST", "LAST", "ClusterState", "CollectionState", "read_cluster", "require_router"]

FIRST, LAST = -1, 1 << 52
"""Stand for what comes before and after every partition."""

_MIB = 1024 * 1024


@dataclass(frozen=True)
class CollectionState:
    """A sharded collection. Of one by partition also its zones and where its ranges are, both in order and joined."""

    key: Mapping[str, object]
    zones: tuple[Range, ...] = ()
    places: tuple[Range, ...] = ()
    chunk_mib: int | None = None


@dataclass(frozen=True)
class ClusterState:
    """The shards in the order of their names, the zones of each, and the sharded collections of one database."""

    shards: tuple[str, ...]
    zones: Mapping[str, frozenset[str]]
    collections: Mapping[str, CollectionState]


async def require_router(database: Database) -> None:
    """Raises `Invalid` unless the connection leads to a router of a sharded cluster."""
    hello = await database.client.admin.command("hello")
    if hello.get("msg") != "isdbgrid":
        raise Invalid("MONGODB_URI leads to no router (mongos) of a sharded cluster.")


async def read_cluster(database: Database) -> ClusterState:
    """Read what the config servers know. Raises `Invalid` without a router, `Unavailable` when nobody answers."""
    try:
        await require_router(database)
        config = database.client.get_database("config")
        shards = {doc["_id"]: doc async for doc in config["shards"].find().sort("_id")}
        prefix = f"{database.name}."
        found: dict[str, CollectionState] = {}
        async for doc in config["collections"].find():
            if doc["_id"].startswith(prefix):
                found[doc["_id"].removeprefix(prefix)] = await _collection(config, doc)
        return ClusterState(
            tuple(shards),
            {shard: frozenset(doc.get("tags", ())) for shard, doc in shards.items()},
            found,
        )
    except PyMongoError as error:
        raise Unavailable(f"The cluster cannot be read: {error}") from error


async def _collection(config: Database, doc: Document) -> CollectionState:
    key, size = doc["key"], doc.get("maxChunkSizeBytes")
    chunk_mib = size // _MIB if size else None
    if list(key) != [PARTITION] or key[PARTITION] == "hashed":
        return CollectionState(key, chunk_mib=chunk_mib)
    by_start = [("min", 1)]
    zones = [_range(one, one["tag"]) async for one in config["tags"].find({"ns": doc["_id"]}).sort(by_start)]
    chunks = config["chunks"].find({"uuid": doc["uuid"]}).sort(by_start)
    places = [_range(one, one["shard"]) async for one in chunks]
    return CollectionState(key, _joined(zones), _joined(places), chunk_mib)


def _range(doc: Document, shard: str) -> Range:
    return Range(_number(doc["min"][PARTITION]), _number(doc["max"][PARTITION]), shard)


def _number(bound: object) -> int:
    if isinstance(bound, MinKey):
        return FIRST
    return LAST if isinstance(bound, MaxKey) else int(str(bound))


def _joined(found: list[Range]) -> tuple[Range, ...]:
    joined: list[Range] = []
    for one in found:
        if joined and (joined[-1].end, joined[-1].shard) == (one.first, one.shard):
            joined[-1] = Range(joined[-1].first, one.end, one.shard)
        else:
            joined.append(one)
    return tuple(joined)

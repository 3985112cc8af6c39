"""The declaration of a collection, which stands beside its store, and the set-up of declared collections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pymongo import ASCENDING, IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure, PyMongoError

from domain.errors import Invalid, Unavailable
from engine.store.mongo import Collection, Database

__all__ = ["PARTITION", "CollectionSpec", "Distribution", "create_collections"]

PARTITION = "p"
"""The field of a document of a lead that holds the partition of the lead, in a store of more than one."""

_INDEX_NOT_FOUND = 27


class Distribution(StrEnum):
    """How the documents of a collection are spread over the shards of a cluster."""

    BY_LEAD = "by lead"
    """With the lead that they belong to, by its partition: all that a lead's transaction writes is on one shard."""
    BY_ID = "by id"
    """By the hash of `_id`: many documents, each read by its own key, that belong to no lead or to several."""
    UNSHARDED = "unsharded"
    """All on the primary shard of the database: few documents, or such as are written in one transaction together."""


@dataclass(frozen=True)
class CollectionSpec:
    """A collection: its name, how it is spread over shards, its indexes besides that of `_id`, and what they superseded.

    Superseded indexes are dropped.
    """

    name: str
    distribution: Distribution
    indexes: tuple[IndexModel, ...] = ()
    superseded_indexes: tuple[str, ...] = ()
    free_of_personal_data: str = ""
    """Why no person can be found in it; empty for a collection whose store is registered for export and erasure."""

    def of(self, database: Database) -> Collection:
        """The collection in this database."""
        return database[self.name]

    def indexes_in(self, partitions: int) -> list[IndexModel]:
        """The indexes in a store of so many partitions.

        With more than one a unique index of a collection by lead begins with the partition, for MongoDB can only
        promise within a shard that a key is unique.
        """
        if partitions == 1 or self.distribution is not Distribution.BY_LEAD:
            return list(self.indexes)
        return [_within_partition(index) for index in self.indexes]


def _within_partition(index: IndexModel) -> IndexModel:
    options = dict(index.document)
    keys = list(options.pop("key").items())
    if not options.get("unique") or keys[0][0] == PARTITION:
        return index
    if options["name"] == IndexModel(keys).document["name"]:  # made of its keys
        del options["name"]
    return IndexModel([(PARTITION, ASCENDING), *keys], **options)


async def create_collections(
    database: Database, specs: Iterable[CollectionSpec], *, partitions: int = 1
) -> None:
    """Create the collections and indexes that are missing and drop superseded ones. Idempotent and safe in parallel.

    Raises `Unavailable` when MongoDB cannot be reached, `Invalid` when it is not a replica set.
    """
    try:
        await _require_transactions(database)
        existing = set(await database.list_collection_names())
        for spec in specs:
            if spec.name not in existing:
                await _create(database, spec.name)
            if indexes := spec.indexes_in(partitions):
                await spec.of(database).create_indexes(indexes)
            for superseded in spec.superseded_indexes:
                await _drop_index(spec.of(database), superseded)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB cannot be set up: {error}") from error


async def _require_transactions(database: Database) -> None:
    hello = await database.client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Invalid("MongoDB at MONGODB_URI is not a replica set, and transactions need one.")


async def _create(database: Database, name: str) -> None:
    try:
        await database.create_collection(name)
    except CollectionInvalid:
        return  # another process was faster


async def _drop_index(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code != _INDEX_NOT_FOUND:
            raise

"""The declaration of a collection, which stands beside its store, and the set-up of declared collections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure, PyMongoError

from domain.errors import Invalid, Unavailable
from engine.store.mongo import Collection, Database

__all__ = ["CollectionSpec", "create_collections"]

_INDEX_NOT_FOUND = 27


@dataclass(frozen=True)
class CollectionSpec:
    """A collection: its name, its indexes besides that of `_id`, and those of earlier releases, which are dropped."""

    name: str
    indexes: tuple[IndexModel, ...] = ()
    superseded_indexes: tuple[str, ...] = ()
    free_of_personal_data: str = ""
    """Why no person can be found in it; empty for a collection whose store is registered for export and erasure."""

    def of(self, database: Database) -> Collection:
        """The collection in this database."""
        return database[self.name]


async def create_collections(database: Database, specs: Iterable[CollectionSpec]) -> None:
    """Create the collections and indexes that are missing and drop superseded ones. Idempotent and safe in parallel.

    Raises `Unavailable` when MongoDB cannot be reached, `Invalid` when it is not a replica set.
    """
    try:
        await _require_transactions(database)
        existing = set(await database.list_collection_names())
        for spec in specs:
            if spec.name not in existing:
                await _create(database, spec.name)
            if spec.indexes:
                await spec.of(database).create_indexes(list(spec.indexes))
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

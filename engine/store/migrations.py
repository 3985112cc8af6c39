"""Migrations of stored documents from earlier releases: each runs once, in small steps, and resumes where it stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Collection, Database, Document

__all__ = ["MIGRATIONS", "Migration", "UpdateMigration", "migrate"]

_log = logging.getLogger(__name__)

MIGRATIONS = CollectionSpec(
    "migrations", Distribution.UNSHARDED, free_of_personal_data="names and times of migrations"
)
"""The names of the migrations that are complete."""

_BATCH = 1000


class Migration(Protocol):
    """A change of stored documents that may be stopped anywhere and run again."""

    @property
    def name(self) -> str: ...

    async def run(self, database: Database) -> int:
        """Make the change. Returns how many documents it was about."""
        ...


@dataclass(frozen=True)
class UpdateMigration:
    """An update of the documents of a collection that match `outdated`. It must make them match no longer.

    So a document is changed once, however often the migration runs and wherever it was stopped.
    """

    name: str
    collection: str
    outdated: Document
    update: list[Document]
    """The stages of a pipeline update."""

    async def run(self, database: Database) -> int:
        """Go through the collection by `_id`, so that no call takes long. Returns how many documents were changed."""
        collection, changed, last = database[self.collection], 0, None
        while ids := await _next_outdated(collection, self, last):
            result = await collection.update_many({"_id": {"$in": ids}, **self.outdated}, self.update)
            changed, last = changed + result.modified_count, ids[-1]
        return changed


async def migrate(database: Database, migrations: Iterable[Migration]) -> None:
    """Run the migrations that are not complete. Idempotent and safe in parallel. Raises `Unavailable`."""
    try:
        complete = {doc["_id"] async for doc in MIGRATIONS.of(database).find({}, {"_id": 1})}
        for migration in migrations:
            if migration.name in complete:
                continue
            if changed := await migration.run(database):
                _log.info("Migration %s has gone through %d documents.", migration.name, changed)
            done = {"$currentDate": {"completedAt": True}}
            await MIGRATIONS.of(database).update_one({"_id": migration.name}, done, upsert=True)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB cannot be set up: {error}") from error


async def _next_outdated(collection: Collection, migration: UpdateMigration, last: Any) -> list[Any]:
    beyond = {} if last is None else {"_id": {"$gt": last}}
    cursor = collection.find({**migration.outdated, **beyond}, {"_id": 1}).sort("_id", 1).limit(_BATCH)
    return [doc["_id"] async for doc in cursor]

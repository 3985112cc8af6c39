"""The store of sources, and the sources in memory that requests use."""

from __future__ import annotations

import asyncio

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.capture.mapping import SourceMapping
from domain.errors import Conflict, NotFound
from engine.process.clock import from_bson, to_bson
from engine.sources.source import MAX_SOURCES, Source
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["SOURCES", "SourceStore"]

SOURCES = CollectionSpec(
    "sources",
    Distribution.UNSHARDED,
    (
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("name", ASCENDING)], unique=True),
    ),
    free_of_personal_data="names and mappings written by operators; no lead",
)

_FRESH_SECONDS = 2.0
"""How long a process may go on with a mapping that another one has changed."""


class SourceStore:
    """Creates, finds, changes and deletes sources. `current` remembers what it has read for two seconds."""

    def __init__(self, database: Database) -> None:
        self._sources = SOURCES.of(database)
        self._remembered: dict[str, tuple[Source, float]] = {}

    async def current(self, source_id: str) -> Source:
        """The source, as of two seconds ago at most. Raises `NotFound`."""
        now = asyncio.get_running_loop().time()
        source, read_at = self._remembered.get(source_id, (None, 0.0))
        if source is None or now - read_at > _FRESH_SECONDS:
            source = await self.get(source_id)
            if len(self._remembered) > MAX_SOURCES:
                self.forget()
            self._remembered[source_id] = source, now
        return source

    def forget(self) -> None:
        """Read again what is asked for next."""
        self._remembered.clear()

    async def add(self, source: Source, session: Session) -> None:
        """Store a new source. Raises `Conflict` for a name that is taken, and when there are too many."""
        if await self._sources.count_documents({}, session=session) >= MAX_SOURCES:
            raise Conflict(f"There are {MAX_SOURCES} sources already; delete one first.")
        try:
            await self._sources.insert_one(_to_document(source), session=session)
        except DuplicateKeyError:
            raise _taken(source.name) from None

    async def get(self, source_id: str, session: Session | None = None) -> Source:
        """The source. Raises `NotFound`."""
        doc = await self._sources.find_one({"_id": source_id}, session=session)
        if doc is None:
            raise NotFound("source", source_id)
        return _source(doc)

    async def named(self, name: str) -> Source | None:
        """The source with this name, if there is one."""
        doc = await self._sources.find_one({"name": name})
        return _source(doc) if doc else None

    async def page(self, after: Keyset | None, limit: int) -> list[Source]:
        """Sources, newest first."""
        cursor = (
            self._sources.find(keyset.after("createdAt", after))
            .sort([("createdAt", -1), ("_id", 1)])
            .limit(limit)
        )
        return [_source(doc) async for doc in cursor]

    async def replace(self, source: Source, session: Session) -> None:
        """Store the source as it is now. Raises `Conflict` for a name that is taken."""
        try:
            await self._sources.replace_one({"_id": source.source_id}, _to_document(source), session=session)
        except DuplicateKeyError:
            raise _taken(source.name) from None

    async def delete(self, source_id: str, session: Session) -> None:
        """Delete the source."""
        await self._sources.delete_one({"_id": source_id}, session=session)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a source '{name}' already; give this one another name.")


def _to_document(source: Source) -> Document:
    return {
        "_id": source.source_id,
        "name": source.name,
        "keyId": source.key_id,
        "origins": list(source.origins),
        # As text: names of events and properties may hold dots and dollar signs.
        "mapping": msgspec.json.encode(source.mapping).decode(),
        "createdAt": to_bson(source.created_at),
        "updatedAt": to_bson(source.updated_at),
    }


def _source(doc: Document) -> Source:
    return Source(
        source_id=doc["_id"],
        name=doc["name"],
        key_id=doc["keyId"],
        origins=tuple(doc["origins"]),
        mapping=msgspec.json.decode(doc["mapping"], type=SourceMapping),
        created_at=from_bson(doc["createdAt"]),
        updated_at=from_bson(doc["updatedAt"]),
    )

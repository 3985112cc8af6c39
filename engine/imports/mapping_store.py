"""Mappings of import files that are kept by name."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["IMPORT_MAPPINGS", "KeptMapping", "MappingStore"]

IMPORT_MAPPINGS = CollectionSpec(
    "importMappings", Distribution.UNSHARDED, free_of_personal_data="names of columns, and events"
)

_MAX = 500


class KeptMapping(Struct, frozen=True):
    """A mapping: its name, its text, and when it was written last."""

    name: str
    text: str
    changed_at: Millis


class MappingStore:
    """Mappings by name."""

    def __init__(self, database: Database) -> None:
        self._mappings = IMPORT_MAPPINGS.of(database)

    async def put(self, name: str, text: str, at: Millis, session: Session) -> None:
        """Keep the mapping, in place of one of this name. Raises `Conflict` when there are too many."""
        if await self._mappings.count_documents({"_id": {"$ne": name}}, session=session) >= _MAX:
            raise Conflict(f"There are {_MAX} mappings already; delete one first.")
        document = {"_id": name, "text": text, "changedAt": to_bson(at)}
        await self._mappings.replace_one({"_id": name}, document, upsert=True, session=session)

    async def get(self, name: str, session: Session | None = None) -> KeptMapping:
        """The mapping. Raises `NotFound`."""
        doc = await self._mappings.find_one({"_id": name}, session=session)
        if doc is None:
            raise NotFound("import mapping", name)
        return _mapping(doc)

    async def all(self) -> list[KeptMapping]:
        """All mappings, by name."""
        return [_mapping(doc) async for doc in self._mappings.find({}).sort("_id", 1)]

    async def delete(self, name: str, session: Session) -> None:
        """Forget the mapping. Raises `NotFound`."""
        if not (await self._mappings.delete_one({"_id": name}, session=session)).deleted_count:
            raise NotFound("import mapping", name)


def _mapping(doc: Document) -> KeptMapping:
    return KeptMapping(doc["_id"], doc["text"], from_bson(doc["changedAt"]))

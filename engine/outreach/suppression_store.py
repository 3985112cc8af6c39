"""Suppression lists: recipients, and domains of recipients, that get no message in a channel or in any.

An entry is found by the blind index of its address. Its address is stored encrypted with the key of the index, so that
lists can be exported; an erasure removes the address and keeps the hash, for who asked not to be written to still has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from domain.errors import NotFound
from domain.identity.identifier import Identifier
from domain.instant import Millis
from domain.outreach.withhold import Suppressed
from engine.identity.blind_index import BlindIndex
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, without_codec

__all__ = ["ALL", "DOMAIN", "SUPPRESSIONS", "Entry", "NewEntry", "SuppressionStore"]

SUPPRESSIONS = CollectionSpec(
    "suppressions",
    Distribution.BY_ID,
    (
        IndexModel([("at", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadIds", ASCENDING)]),
    ),
)

ALL = "all"
"""The scope of an entry that holds in every channel."""
DOMAIN = "domain"
"""The kind of an entry for every address of a domain."""


class NewEntry(Struct, frozen=True, kw_only=True):
    """A recipient to suppress: `kind` is `email`, `phone`, `linkedin` or `domain`, `value` in its normal form."""

    scope: str
    kind: str
    value: str
    why: str
    source: str
    lead_id: str | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """An entry as it is stored; without a value if that was erased."""

    entry_id: str
    scope: str
    kind: str
    value: str | None
    why: str
    source: str
    at: Millis


_MAX_IDS = 400
"""Ids of entries in one query: a recipient has up to four."""


class SuppressionStore:
    """Finds, adds and removes entries. An entry counts from the moment in which `add` returns."""

    def __init__(self, database: Database, index: Callable[[], Awaitable[BlindIndex]]) -> None:
        self._entries = without_codec(SUPPRESSIONS.of(database))
        self._index = index
        self._finder = BatchLoader(self._found, max_keys=_MAX_IDS)

    async def add(self, entries: Sequence[NewEntry], at: Millis) -> int:
        """Add entries; one that is there already stays as it is. Returns how many are new."""
        if not entries:
            return 0
        index = await self._index()
        result = await self._entries.bulk_write([_upsert(index, one, at) for one in entries], ordered=False)
        return result.upserted_count

    async def met_by(self, channel: str, kind: str, value: str) -> list[Suppressed]:
        """The entries that a recipient meets in a channel. Concurrent callers share a query, which begins after each has called."""
        index = await self._index()
        identifiers = [Identifier(kind, value)]
        if kind == "email":
            identifiers.append(Identifier(DOMAIN, value.rpartition("@")[2]))
        ids = [f"{scope}:{index.key_of(one)}" for one in identifiers for scope in (channel, ALL)]
        found = await self._finder.load(ids)
        return [found[entry_id] for entry_id in ids if entry_id in found]

    async def _found(self, entry_ids: set[str]) -> dict[str, Suppressed]:
        cursor = self._entries.find({"_id": {"$in": list(entry_ids)}}, {"scope": 1, "why": 1})
        return {doc["_id"]: Suppressed(doc["_id"], doc["scope"], doc["why"]) async for doc in cursor}

    async def link(self, entry_ids: Sequence[str], lead_id: str) -> None:
        """Note that these entries are about a lead, so that its erasure finds their addresses."""
        await self._entries.update_many(
            {"_id": {"$in": list(entry_ids)}}, {"$addToSet": {"leadIds": lead_id}}
        )

    async def remove(self, entry_id: str) -> Entry:
        """Remove an entry. Raises `NotFound`."""
        doc = await self._entries.find_one_and_delete({"_id": entry_id})
        if doc is None:
            raise NotFound("suppression", entry_id)
        return _read(await self._index(), doc)

    async def page(self, *, after: Keyset | None, limit: int) -> list[Entry]:
        """Entries, newest first."""
        index = await self._index()
        cursor = self._entries.find(keyset.after("at", after)).sort([("at", -1), ("_id", 1)]).limit(limit)
        return [_read(index, doc) async for doc in cursor]

    async def of_recipients(self, scopes: Sequence[str], identifiers: Sequence[Identifier]) -> list[Entry]:
        """The entries of these recipients in any of these scopes."""
        index = await self._index()
        ids = [f"{scope}:{index.key_of(one)}" for one in identifiers for scope in scopes]
        found = await self._entries.find({"_id": {"$in": ids}}).sort("_id", 1).to_list()
        return [_read(index, doc) for doc in found]

    async def every(self) -> AsyncIterator[Entry]:
        """All entries, for an export."""
        index = await self._index()
        async for doc in self._entries.find({}).sort("_id", 1):
            yield _read(index, doc)

    async def of_lead(self, lead_id: str) -> list[Entry]:
        """The entries that events of a lead have made and that can still be read."""
        index = await self._index()
        found = self._entries.find({"leadIds": lead_id, "value": {"$type": "string"}})
        return [_read(index, doc) async for doc in found]

    async def forget(self, lead_id: str) -> int:
        """Remove the addresses of a lead's entries; their hashes stay. Returns how many could be read until now."""
        result = await self._entries.update_many(
            {"leadIds": lead_id, "value": {"$type": "string"}}, {"$unset": {"value": "", "leadIds": ""}}
        )
        return result.modified_count


def _upsert(index: BlindIndex, entry: NewEntry, at: Millis) -> UpdateOne:
    identifier = Identifier(entry.kind, entry.value)
    first: Document = {
        "scope": entry.scope,
        "kind": entry.kind,
        "value": index.seal(identifier),
        "why": entry.why,
        "source": entry.source,
        "at": to_bson(at),
    }
    change: Document = {"$setOnInsert": first}
    if entry.lead_id is not None:
        change["$addToSet"] = {"leadIds": entry.lead_id}
    return UpdateOne({"_id": f"{entry.scope}:{index.key_of(identifier)}"}, change, upsert=True)


def _read(index: BlindIndex, doc: Document) -> Entry:
    sealed = doc.get("value")
    key = doc["_id"].partition(":")[2]
    return Entry(
        entry_id=doc["_id"],
        scope=doc["scope"],
        kind=doc["kind"],
        value=None if sealed is None else index.open(key, sealed).value,
        why=doc["why"],
        source=doc["source"],
        at=from_bson(doc["at"]),
    )

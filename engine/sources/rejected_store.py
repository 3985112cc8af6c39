"""The store of rejected items: what a source sent and could not be taken, kept for seven days with its reason.

The content is encrypted as a whole. An item has the keyed hashes of the identifiers in it, by
which an erasure of their person finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct
from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.errors import Fault
from domain.instant import DAY, Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset, after
from engine.store.mongo import DUPLICATE_KEY, Database, Document

__all__ = ["KEPT", "MAX_KEPT", "REJECTED_ITEMS", "RejectedItem", "RejectedStore"]

REJECTED_ITEMS = CollectionSpec(
    "rejectedItems",
    Distribution.BY_ID,
    (
        IndexModel([("sourceId", ASCENDING), ("rejectedAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("rejectedAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("about", ASCENDING)]),
        IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),
    ),
)

KEPT: Millis = 7 * DAY
"""How long an item is kept."""
MAX_KEPT = 10_000
"""Items that are kept of one source; further ones are counted only."""


class RejectedItem(Struct, frozen=True, kw_only=True):
    """An item, its format and what is wrong with it.

    `sealed` is its JSON, encrypted with the key of the source; None if it was too large to be kept. `about` are
    the index keys of the identifiers in it.
    """

    item_id: str
    source_id: str
    format: str
    faults: tuple[Fault, ...]
    rejected_at: Millis
    sealed: str | None
    about: tuple[str, ...] = ()


class RejectedStore:
    """Keeps, lists and removes rejected items."""

    def __init__(self, database: Database) -> None:
        self._items = REJECTED_ITEMS.of(database)

    async def keep(self, source_id: str, items: Sequence[RejectedItem]) -> int:
        """Keep the items, durably. Returns how many; those beyond `MAX_KEPT` of the source are not.

        One that was rejected before and is sent again is one item.
        """
        room = MAX_KEPT - await self.count(source_id)
        fitting = items[: max(0, room)]
        if fitting:
            try:
                await self._items.insert_many([_to_document(one) for one in fitting], ordered=False)
            except BulkWriteError as error:
                if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                    raise
        return len(fitting)

    async def count(self, source_id: str) -> int:
        """How many items of the source are kept, up to `MAX_KEPT`."""
        return await self._items.count_documents({"sourceId": source_id}, limit=MAX_KEPT)

    async def page(
        self, source_id: str, cursor: Keyset | None, limit: int, ids: Collection[str] = ()
    ) -> list[RejectedItem]:
        """Items of the source, oldest first; of `ids` only, if any are given."""
        query: Document = {"sourceId": source_id, **after("rejectedAt", cursor, descending=False)}
        if ids:
            query["_id"] = {"$in": list(ids)}
        found = self._items.find(query).sort([("rejectedAt", 1), ("_id", 1)]).limit(limit)
        return [_item(doc) async for doc in found]

    async def since(self, at: Millis, source_id: str | None, limit: int) -> list[RejectedItem]:
        """Items that were rejected at this moment or later, oldest first: of one source, or of all."""
        query: Document = {"rejectedAt": {"$gte": to_bson(at)}}
        if source_id is not None:
            query["sourceId"] = source_id
        found = self._items.find(query).sort([("rejectedAt", 1), ("_id", 1)]).limit(limit)
        return [_item(doc) async for doc in found]

    async def remove(self, item_ids: Collection[str]) -> None:
        """Remove the items."""
        await self._items.delete_many({"_id": {"$in": list(item_ids)}})

    async def remove_source(self, source_id: str) -> int:
        """Remove all items of a source. Returns how many there were."""
        return (await self._items.delete_many({"sourceId": source_id})).deleted_count

    async def about(self, index_keys: Collection[str], after_id: str, limit: int) -> list[RejectedItem]:
        """Items with one of these identifiers, by their ids, behind `after_id`."""
        query = {"about": {"$in": list(index_keys)}, "_id": {"$gt": after_id}}
        found = self._items.find(query).sort("_id", 1).limit(limit)
        return [_item(doc) async for doc in found]

    async def remove_about(self, index_keys: Collection[str]) -> int:
        """Remove the items with one of these identifiers. Returns how many there were."""
        return (await self._items.delete_many({"about": {"$in": list(index_keys)}})).deleted_count


def _to_document(item: RejectedItem) -> Document:
    return {
        "_id": item.item_id,
        "sourceId": item.source_id,
        "format": item.format,
        "faults": [{"pointer": fault.pointer, "detail": fault.detail} for fault in item.faults],
        "rejectedAt": to_bson(item.rejected_at),
        "expiresAt": to_bson(item.rejected_at + KEPT),
        "sealed": item.sealed,
        "about": list(item.about),
    }


def _item(doc: Document) -> RejectedItem:
    return RejectedItem(
        item_id=doc["_id"],
        source_id=doc["sourceId"],
        format=doc["format"],
        faults=tuple(Fault(one["pointer"], one["detail"]) for one in doc["faults"]),
        rejected_at=from_bson(doc["rejectedAt"]),
        sealed=doc["sealed"],
        about=tuple(doc["about"]),
    )

"""The store of possible duplicates: pairs of known leads that an event was of, until somebody merges or dismisses them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from hashlib import blake2b

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.errors import NotFound
from domain.identity.resolution import PossibleDuplicate
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["POSSIBLE_DUPLICATES", "DuplicateStore", "StoredDuplicate"]

POSSIBLE_DUPLICATES = CollectionSpec(
    "possibleDuplicates",
    Distribution.BY_ID,
    (IndexModel([("dismissed", ASCENDING), ("at", DESCENDING), ("_id", ASCENDING)]), IndexModel("leadId")),
)


class StoredDuplicate(Struct, frozen=True):
    """Two leads, the kind of identifier that shows that they may be one, and when that was first seen."""

    duplicate_id: str
    lead_ids: tuple[str, str]
    kind: str
    at: Millis


class DuplicateStore:
    """One document per pair and kind, however often it is seen."""

    def __init__(self, database: Database) -> None:
        self._pairs = POSSIBLE_DUPLICATES.of(database)

    async def add(self, found: Collection[PossibleDuplicate], at: Millis) -> None:
        """Store the pairs that were not seen before. Those that were dismissed stay so."""
        new = {_id(one): one for one in found}
        async for doc in self._pairs.find({"_id": {"$in": list(new)}}, {"_id": 1}):
            del new[doc["_id"]]
        if not new:
            return
        with contextlib.suppress(BulkWriteError):  # another process was faster
            await self._pairs.insert_many(
                [_document(identity, one, at) for identity, one in new.items()], ordered=False
            )

    async def page(self, after: Keyset | None, limit: int) -> list[StoredDuplicate]:
        """Pairs that are not dismissed, those first that were seen last."""
        query: Document = {"dismissed": False, **keyset.after("at", after)}
        cursor = self._pairs.find(query).sort([("at", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def of_lead(self, lead_id: str) -> Sequence[StoredDuplicate]:
        """The pairs that a lead is in, dismissed ones too."""
        return [_read(doc) async for doc in self._pairs.find({"leadId": lead_id}).sort("_id", 1)]

    async def get(self, duplicate_id: str) -> StoredDuplicate:
        """The pair of this id. Raises `NotFound`."""
        doc = await self._pairs.find_one({"_id": {"$eq": duplicate_id}})
        if doc is None:
            raise NotFound("possible duplicate", duplicate_id)
        return _read(doc)

    async def dismiss(self, duplicate_id: str, session: Session) -> bool:
        """Note that the two leads are two people. False if that was said before."""
        changed = await self._pairs.update_one(
            {"_id": {"$eq": duplicate_id}, "dismissed": False}, {"$set": {"dismissed": True}}, session=session
        )
        return changed.modified_count > 0


def _id(one: PossibleDuplicate) -> str:
    first, second = sorted((one.lead_id, one.other))
    return blake2b(f"{first}\x1f{second}\x1f{one.kind}".encode(), digest_size=16).hexdigest()


def _document(identity: str, one: PossibleDuplicate, at: Millis) -> Document:
    lead_ids = [one.lead_id, one.other]
    return {"_id": identity, "leadId": lead_ids, "kind": one.kind, "at": to_bson(at), "dismissed": False}


def _read(doc: Document) -> StoredDuplicate:
    first, second = doc["leadId"]
    return StoredDuplicate(doc["_id"], (first, second), doc["kind"], from_bson(doc["at"]))

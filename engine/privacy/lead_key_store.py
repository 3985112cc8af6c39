"""The store of lead keys, in a collection of their own. Deleting a key erases what it encrypted (crypto-shredding)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from msgspec import Struct
from pymongo.errors import BulkWriteError

from domain.errors import Unavailable
from domain.instant import Millis
from engine.privacy.lead_key import LeadKey, LeadKeys, new_key
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import DUPLICATE_KEY, Database, Session, without_codec

__all__ = ["LEAD_KEYS", "KeyRecord", "LeadKeyStore"]

LEAD_KEYS = CollectionSpec("leadKeys", Distribution.BY_LEAD)

_TRIES, _PAUSE_SECONDS = 50, 0.02
"""Retries, and the pause between them, for a key that another process is creating."""

_MAX_LEADS = 1000
"""Leads whose keys are read and created together; a request has no more."""


class KeyRecord(Struct, frozen=True):
    """The part of a key that is not secret."""

    key_id: str
    created_at: Millis


class LeadKeyStore:
    """At most one key per lead, created when it is first needed.

    Nothing is cached between two calls: a process that went on encrypting with a destroyed key would lose the data.
    """

    def __init__(self, database: Database, now: Callable[[], Millis]) -> None:
        self._keys = without_codec(LEAD_KEYS.of(database))
        self._now = now
        self._loader = BatchLoader(self._found_or_made, max_keys=_MAX_LEADS)
        self._finder = BatchLoader(self._found, max_keys=_MAX_LEADS)

    async def find(self, lead_id: str) -> LeadKey | None:
        """The lead's key, if it has one. Concurrent callers share a query, which begins after each has called."""
        return (await self._finder.load([lead_id])).get(lead_id)

    async def of_streams(self, streams: Collection[str]) -> LeadKeys:
        """The keys of a lead with these streams, as far as they have any."""
        return LeadKeys((await self._found(streams)).values())

    async def ids(self, streams: Collection[str]) -> dict[str, str]:
        """The id of the key of each of these streams that has one."""
        cursor = self._keys.find({"_id": {"$in": list(streams)}}, {"keyId": 1})
        return {doc["_id"]: doc["keyId"] async for doc in cursor}

    async def record(self, lead_id: str, session: Session | None = None) -> KeyRecord | None:
        """The record of the lead's key, if it has one."""
        doc = await self._keys.find_one({"_id": lead_id}, {"keyId": 1, "createdAt": 1}, session=session)
        return KeyRecord(doc["keyId"], from_bson(doc["createdAt"])) if doc else None

    async def of_leads(self, lead_ids: Collection[str]) -> dict[str, LeadKey]:
        """A key for each of the leads and perhaps of others, created if missing; concurrent creators get the first one.

        Every key is durable before this returns. Concurrent calls share one query, which costs much more than the rest.
        Raises `Unavailable`, and what PyMongo raises.
        """
        return await self._loader.load(lead_ids)

    async def _found_or_made(self, lead_ids: Collection[str]) -> dict[str, LeadKey]:
        keys = await self._found(lead_ids)
        for _ in range(_TRIES):
            missing = [lead_id for lead_id in lead_ids if lead_id not in keys]
            if not missing:
                return keys
            if not await self._made([new_key(lead_id) for lead_id in missing]):
                await asyncio.sleep(
                    _PAUSE_SECONDS
                )  # a concurrently created key is visible once a majority has it
            keys |= await self._found(missing)
        raise Unavailable("The keys of these leads cannot be read.")

    async def destroy(self, lead_id: str, session: Session) -> KeyRecord | None:
        """Destroy the lead's key (crypto-shredding). Returns its record, None if there was none."""
        doc = await self._keys.find_one_and_delete(
            {"_id": lead_id}, {"keyId": 1, "createdAt": 1}, session=session
        )
        return KeyRecord(doc["keyId"], from_bson(doc["createdAt"])) if doc else None

    async def _found(self, lead_ids: Collection[str]) -> dict[str, LeadKey]:
        cursor = self._keys.find({"_id": {"$in": list(lead_ids)}}, {"keyId": 1, "key": 1})
        return {doc["_id"]: LeadKey(doc["_id"], doc["keyId"], doc["key"]) async for doc in cursor}

    async def _made(self, keys: Collection[LeadKey]) -> bool:
        """Insert the keys, except for leads that have one. Returns False if there was any.

        A plain insert: MongoDB's log of slow commands shows the values of an update, never inserted documents.
        """
        at = to_bson(self._now())
        rows = [{"_id": key.lead_id, "keyId": key.key_id, "key": key.secret, "createdAt": at} for key in keys]
        try:
            await self._keys.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                # Not the error itself: it quotes the documents.
                raise Unavailable("The keys of these leads cannot be stored.") from None
            return False
        return True

"""The keys of leads, in a collection of their own. Without its key, what was sealed of a lead is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from msgspec import Struct
from pymongo.errors import BulkWriteError

from domain.errors import Unavailable
from domain.instant import Millis
from engine.privacy.lead_key import LeadKey, new_key
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec
from engine.store.mongo import DUPLICATE_KEY, Database, Session, without_codec

__all__ = ["LEAD_KEYS", "KeyRecord", "LeadKeyStore"]

LEAD_KEYS = CollectionSpec("leadKeys")

_TRIES, _PAUSE_SECONDS = 50, 0.02
"""How often, and after which pause, to look for a key that another process is just making."""

_MAX_LEADS = 1000
"""Leads whose keys are looked for and made together; a request has no more."""


class KeyRecord(Struct, frozen=True):
    """The public facts of a key."""

    key_id: str
    created_at: Millis


class LeadKeyStore:
    """At most one key per lead, made when it is first needed.

    Nothing is remembered between two calls: a process that went on sealing with a destroyed key would lose what it
    seals.
    """

    def __init__(self, database: Database, now: Callable[[], Millis]) -> None:
        self._keys = without_codec(LEAD_KEYS.of(database))
        self._now = now
        self._loader = BatchLoader(self._found_or_made, max_keys=_MAX_LEADS)

    async def find(self, lead_id: str) -> LeadKey | None:
        """The lead's key, if it has one."""
        return (await self._found([lead_id])).get(lead_id)

    async def record(self, lead_id: str, session: Session | None = None) -> KeyRecord | None:
        """The public facts of the lead's key, if it has one."""
        doc = await self._keys.find_one({"_id": lead_id}, {"keyId": 1, "createdAt": 1}, session=session)
        return KeyRecord(doc["keyId"], from_bson(doc["createdAt"])) if doc else None

    async def of_leads(self, lead_ids: Collection[str]) -> dict[str, LeadKey]:
        """A key for each of the leads and perhaps of others, the missing ones made now; rivals get the first one's.

        Every key is durable before this returns. Concurrent calls share one query, which costs much more than
        the rest. Raises `Unavailable`, and what PyMongo raises.
        """
        return await self._loader.load(lead_ids)

    async def _found_or_made(self, lead_ids: Collection[str]) -> dict[str, LeadKey]:
        keys = await self._found(lead_ids)
        for _ in range(_TRIES):
            missing = [lead_id for lead_id in lead_ids if lead_id not in keys]
            if not missing:
                return keys
            if not await self._made([new_key(lead_id) for lead_id in missing]):
                await asyncio.sleep(_PAUSE_SECONDS)  # a rival's key is seen once a majority has it
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
        """Store the keys, except for leads that have one. False if there was any.

        By plain insertion: MongoDB's log of slow commands shows what an update would set, never what is inserted.
        """
        at = to_bson(self._now())
        rows = [{"_id": key.lead_id, "keyId": key.key_id, "key": key.secret, "createdAt": at} for key in keys]
        try:
            await self._keys.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                # Not the error itself: it quotes what was to be inserted.
                raise Unavailable("The keys of these leads cannot be stored.") from None
            return False
        return True

"""The store of blocked leads: tombstones of erased people, so that no later export or sender brings them back.

A tombstone is a keyed hash of the lead's id. The key lies in the same collection: it keeps ids from being read off, and
from being guessed from the tombstones alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable
from hashlib import blake2b

from pymongo.errors import DuplicateKeyError, PyMongoError

from domain.errors import Unavailable
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Session, without_codec

__all__ = ["BLOCKED_LEADS", "FRESH_SECONDS", "BlockedLeadStore"]

BLOCKED_LEADS = CollectionSpec("blockedLeads", Distribution.BY_LEAD)

FRESH_SECONDS = 1.0
"""How long a process may go on without knowing of a block that another one has set."""
_STATE = "state"
_KEY_BYTES, _HASH_BYTES = 32, 16


class BlockedLeadStore:
    """The blocked leads, all of their hashes in memory: one small read per second while events come in."""

    def __init__(self, database: Database, now: Callable[[], Millis]) -> None:
        self._blocked = without_codec(BLOCKED_LEADS.of(database))
        self._now = now
        self._key = b""
        self._version = -1
        self._hashes: frozenset[str] = frozenset()
        self._fresh_until = 0.0
        """By the time of the event loop."""
        self._refreshing: asyncio.Task[None] | None = None

    async def among(self, lead_ids: Iterable[str]) -> frozenset[str]:
        """Those of the leads that are blocked. Raises `Unavailable`."""
        if asyncio.get_running_loop().time() >= self._fresh_until:
            await self._refresh()
        if not self._hashes:
            return frozenset()
        return frozenset(lead_id for lead_id in set(lead_ids) if self._hash(lead_id) in self._hashes)

    async def since(self, lead_id: str) -> Millis | None:
        """When the lead was blocked; None if it is not."""
        state = await self._blocked.find_one({"_id": _STATE})
        if state is None:
            return None
        doc = await self._blocked.find_one({"_id": _hash(state["key"], lead_id)})
        return from_bson(doc["blockedAt"]) if doc else None

    async def prepare(self) -> None:
        """Make the key of the hashes if there is none; to be called before the transaction of a first `add`."""
        with contextlib.suppress(DuplicateKeyError):
            # Inserted and never updated as a whole: MongoDB's log of slow commands shows updates in full.
            await self._blocked.insert_one(
                {"_id": _STATE, "key": secrets.token_bytes(_KEY_BYTES), "version": 0}
            )

    async def add(self, lead_id: str, session: Session) -> bool:
        """Block the lead. False if it is blocked already. Effective here at once, elsewhere within `FRESH_SECONDS`."""
        key = await self._raise_version(session)
        hashed = _hash(key, lead_id)
        if await self._blocked.find_one({"_id": hashed}, session=session):
            return False
        await self._blocked.insert_one({"_id": hashed, "blockedAt": to_bson(self._now())}, session=session)
        return True

    async def remove(self, lead_id: str, session: Session) -> bool:
        """Lift the block. False if there is none."""
        key = await self._raise_version(session)
        return (
            await self._blocked.delete_one({"_id": _hash(key, lead_id)}, session=session)
        ).deleted_count > 0

    def forget(self) -> None:
        """Look again before the next event."""
        self._fresh_until, self._version = 0.0, -1

    async def _raise_version(self, session: Session) -> bytes:
        state = await self._blocked.find_one_and_update(
            {"_id": _STATE}, {"$inc": {"version": 1}}, session=session
        )
        assert state is not None, "prepare() comes first"
        key: bytes = state["key"]
        return key

    async def _refresh(self) -> None:
        """Read what has changed, once for all that wait."""
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._read(), name="blocked leads")
            self._refreshing.add_done_callback(self._read_ended)
        try:
            await asyncio.shield(self._refreshing)
        except PyMongoError as error:
            raise Unavailable("The store is not available; nothing of this request was taken.") from error

    def _read_ended(self, _: asyncio.Task[None]) -> None:
        self._refreshing = None

    async def _read(self) -> None:
        at = asyncio.get_running_loop().time()
        state = await self._blocked.find_one({"_id": _STATE})
        version = state["version"] if state else 0
        if version != self._version:
            found = self._blocked.find({"_id": {"$ne": _STATE}}, {"_id": 1})
            self._hashes = frozenset([doc["_id"] async for doc in found])
            self._key, self._version = (state["key"] if state else b""), version
        self._fresh_until = at + FRESH_SECONDS

    def _hash(self, lead_id: str) -> str:
        return _hash(self._key, lead_id)


def _hash(key: bytes, lead_id: str) -> str:
    return blake2b(lead_id.encode(errors="surrogatepass"), key=key, digest_size=_HASH_BYTES).hexdigest()

"""The leads that each worker has in flight, so that the leads of a worker that dies become poison suspects.

A message that kills its worker is never counted as a failed attempt by the queue: it is just redelivered.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Iterable

from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from engine.process.periodic import every, logged_failures
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, without_codec

__all__ = ["IN_FLIGHT", "InFlight"]

IN_FLIGHT = CollectionSpec(
    "underWay", Distribution.UNSHARDED, free_of_personal_data="ids of leads, for seconds"
)

_log = logging.getLogger(__name__)

_HEARTBEATS_PER_TIMEOUT = 5
_LOST_HEARTBEAT = "A heartbeat of this worker is lost"


class InFlight:
    """The record of one worker, and those of workers that have died.

    Unlike all other writes these are acknowledged by one member only: they have to outlive a worker, not a server. One
    that is lost delays the quarantine of a lead and nothing else.
    """

    def __init__(self, database: Database, worker: str, timeout_seconds: float) -> None:
        """A worker without a heartbeat for `timeout_seconds` has died."""
        acknowledged_by_one = WriteConcern(w=1)
        self._records = without_codec(IN_FLIGHT.of(database)).with_options(write_concern=acknowledged_by_one)
        self._worker = worker
        self._timeout_seconds = timeout_seconds
        self._numbers = itertools.count(1)
        self._exclusive = asyncio.Lock()
        self._ended: list[str] = []

    @contextlib.asynccontextmanager
    async def track(self, lead_ids: Iterable[str]) -> AsyncIterator[None]:
        """Record that this worker folds these leads while the context is open.

        The end is recorded with the next begin or heartbeat: leads that were just finished when the worker died are
        suspected too, and cleared when they come through alone.
        """
        field = f"leads.{next(self._numbers)}"
        await self._record({field: list(lead_ids)})
        try:
            yield
        finally:
            self._ended.append(field)

    @contextlib.asynccontextmanager
    async def track_exclusively(self, lead_id: str) -> AsyncIterator[None]:
        """The same for one lead while no other is tracked exclusively: if the worker dies, this lead is the cause."""
        async with self._exclusive:
            try:
                async with self.track([lead_id]):
                    yield
            finally:
                await self._record({})

    @contextlib.asynccontextmanager
    async def heartbeat(self) -> AsyncIterator[None]:
        """Send heartbeats of this worker while the context is open."""
        with logged_failures(_LOST_HEARTBEAT):
            await self._beat()
        try:
            async with every(self._beat, self._timeout_seconds / _HEARTBEATS_PER_TIMEOUT, _LOST_HEARTBEAT):
                yield
        finally:
            with contextlib.suppress(PyMongoError):
                await self._records.delete_one({"_id": self._worker})

    async def claim_of_dead_workers(self) -> list[list[str]]:
        """Claim the records of workers that have died. Returns the leads of each message they had in flight."""
        timeout_ago = {"$subtract": ["$$NOW", round(self._timeout_seconds * 1000)]}
        claimed: list[list[str]] = []
        while True:
            record = await self._records.find_one_and_delete({"$expr": {"$lt": ["$heardOf", timeout_ago]}})
            if record is None:
                return claimed
            claimed += record.get("leads", {}).values()

    async def _record(self, begun: dict[str, list[str]]) -> None:
        """Record what has begun, and what has ended since."""
        try:
            await self._update({"$set": begun} if begun else {})
        except PyMongoError as error:
            _log.warning("The leads in flight of this worker cannot be recorded: %s", error)

    async def _update(self, change: Document, *, upsert: bool = False) -> None:
        ended, self._ended = self._ended, []
        if ended:
            change = {**change, "$unset": dict.fromkeys(ended, "")}
        if not change:
            return
        try:
            await self._records.update_one({"_id": self._worker}, change, upsert=upsert)
        except BaseException:
            self._ended += ended
            raise

    async def _beat(self) -> None:
        await self._update({"$currentDate": {"heardOf": True}}, upsert=True)

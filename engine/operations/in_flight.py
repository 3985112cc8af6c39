"""What every worker is at in this moment, so that when one dies it is known over which leads.

A message that kills its worker is never counted as a failed attempt by the queue: it just comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Iterable

from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.store.collection import CollectionSpec
from engine.store.mongo import Database, Document, without_codec

__all__ = ["IN_FLIGHT", "InFlight"]

IN_FLIGHT = CollectionSpec("underWay", free_of_personal_data="ids of leads, for seconds")

_log = logging.getLogger(__name__)


class InFlight:
    """Notes of one worker, and the notes of those that have died.

    Unlike all other writes a note counts when one member has it: it has to outlive a worker, not a server, and one
    that is lost delays the quarantine of a lead and nothing else.
    """

    def __init__(self, database: Database, holder: str, seconds: float) -> None:
        """A worker that has not been heard of for so many seconds has died."""
        self._notes = without_codec(IN_FLIGHT.of(database)).with_options(write_concern=WriteConcern(w=1))
        self._holder = holder
        self._seconds = seconds
        self._numbers = itertools.count(1)
        self._alone = asyncio.Lock()
        self._over: list[str] = []

    @contextlib.asynccontextmanager
    async def noted(self, lead_ids: Iterable[str]) -> AsyncIterator[None]:
        """Say that this worker is at these leads while the context is open.

        That it no longer is, it says with the next note or heartbeat: of leads that it had just finished when it died,
        it is then found out that they do no harm.
        """
        field = f"leads.{next(self._numbers)}"
        await self._note({field: list(lead_ids)})
        try:
            yield
        finally:
            self._over.append(field)

    @contextlib.asynccontextmanager
    async def noted_alone(self, lead_id: str) -> AsyncIterator[None]:
        """The same for one lead, when no other is noted alone: if the worker dies, it is because of this one."""
        async with self._alone:
            try:
                async with self.noted([lead_id]):
                    yield
            finally:
                await self._note({})

    @contextlib.asynccontextmanager
    async def heard_of(self) -> AsyncIterator[None]:
        """Let others hear of this worker while the context is open."""
        await self._beat()
        beating = asyncio.create_task(self._beat_for_ever(), name="heartbeat")
        try:
            yield
        finally:
            await cancel_and_wait(beating)
            with contextlib.suppress(PyMongoError):
                await self._notes.delete_one({"_id": self._holder})

    async def left_by_the_dead(self) -> list[list[str]]:
        """Take over the notes of workers that have died: the leads of each message they were at."""
        longest = {"$subtract": ["$$NOW", round(self._seconds * 1000)]}
        left: list[list[str]] = []
        while True:
            note = await self._notes.find_one_and_delete({"$expr": {"$lt": ["$heardOf", longest]}})
            if note is None:
                return left
            left += note.get("leads", {}).values()

    async def _note(self, begun: dict[str, list[str]]) -> None:
        """Note what has begun, and what is over."""
        try:
            await self._update({"$set": begun} if begun else {})
        except PyMongoError as error:
            _log.warning("What this worker is at cannot be noted: %s", error)

    async def _update(self, change: Document, *, upsert: bool = False) -> None:
        over, self._over = self._over, []
        if over:
            change = {**change, "$unset": dict.fromkeys(over, "")}
        if not change:
            return
        try:
            await self._notes.update_one({"_id": self._holder}, change, upsert=upsert)
        except BaseException:
            self._over += over
            raise

    async def _beat_for_ever(self) -> None:
        while True:
            raise_if_cancelled()
            await asyncio.sleep(self._seconds / 5)
            await self._beat()

    async def _beat(self) -> None:
        try:
            await self._update({"$currentDate": {"heardOf": True}}, upsert=True)
        except PyMongoError as error:
            _log.warning("A heartbeat of this worker is lost: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, the next beat may be heard
            _log.exception("A heartbeat of this worker is lost.")

"""Reading the log by position: what was appended after a place in it, and how far a reader is behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.instant import Millis
from engine.capture.log.collection import EVENTS, newest_position
from engine.capture.stored_event import StoredEvent
from engine.process.clock import from_bson
from engine.store.mongo import Database, without_codec

__all__ = ["EventLog", "Lag", "Span", "earliest"]

_MAX_SCANNED = 200_000
"""Events that are looked at for the leads of a period."""


class Span(NamedTuple):
    """The first and the last event of a lead within a stretch of the log."""

    first: int
    last: int

    def unapplied_after(self, applied: int) -> int | None:
        """The place in the log behind which events of the span are left for a lead that has applied this position.

        None if all of them are applied.
        """
        return None if applied >= self.last else max(self.first - 1, applied)


class Lag(NamedTuple):
    """How far a reader of the log is behind: events that it has not read, and when the first of them was received."""

    events: int
    since: Millis | None


class EventLog:
    """Events in the order of positions. Nothing here changes one."""

    def __init__(self, database: Database) -> None:
        self._events = EVENTS.of(database)
        self._codecless = without_codec(self._events)  # for documents that `decode` reads

    async def last_position(self) -> int:
        """The position of the newest event, 0 if there is none."""
        return await newest_position(self._events)

    async def has_reached(self, position: int) -> bool:
        """Whether an event is stored at or behind a position, so that none can still come before it."""
        return await self.last_position() >= position

    async def position_before(self, at: Millis, newest: int) -> int:
        """The last position, up to the `newest`, of what was received before `at`; 0 if nothing was.

        By halving, for positions are without gaps and go with the time of receipt but for the clocks of several processes.
        """
        low, high = 0, newest
        while low < high:
            middle = (low + high + 1) // 2
            doc = await self._events.find_one({"_id": middle}, {"receivedAt": 1})
            if doc is not None and from_bson(doc["receivedAt"]) < at:
                low = middle
            else:
                high = middle - 1
        return low

    async def lag(self, position: int, newest: int) -> Lag:
        """How far a reader that has come to `position` is behind the `newest` one."""
        if position >= newest:
            return Lag(0, None)
        doc = await self._events.find_one({"_id": position + 1}, {"receivedAt": 1})
        return Lag(newest - position, from_bson(doc["receivedAt"]) if doc else None)

    async def leads_after(
        self, position: int, limit: int, *, up_to: int | None = None
    ) -> tuple[dict[str, Span], int]:
        """The leads of the next `limit` events, each with its span of them, and the position of the last event read.

        With `up_to` only events at or before that position are read.
        """
        between = {"$gt": position} if up_to is None else {"$gt": position, "$lte": up_to}
        cursor = self._codecless.find({"_id": between}, {"leadId": 1}, batch_size=limit)
        leads: dict[str, Span] = {}
        for doc in await cursor.sort("_id", 1).limit(limit).to_list():
            position, lead_id = int(doc["_id"]), doc["leadId"]
            known = leads.get(lead_id)
            leads[lead_id] = Span(known.first if known else position, position)
        return leads, position

    async def in_order(self, position: int, limit: int) -> list[StoredEvent]:
        """The next events after a position in commit order, those too that cannot be decoded."""
        cursor = self._events.find({"_id": {"$gt": position}}).sort("_id", 1).limit(limit)
        return [StoredEvent.of(doc) async for doc in cursor]

    async def at_positions(self, positions: Iterable[int]) -> dict[int, StoredEvent]:
        """The events at these positions, those too that cannot be decoded."""
        cursor = self._events.find({"_id": {"$in": list(positions)}})
        return {doc["_id"]: StoredEvent.of(doc) async for doc in cursor}

    async def leads_since(self, at: Millis, limit: int) -> tuple[list[str], bool]:
        """Leads with an event that was received at or after `at`, the one with the newest event first.

        At most `limit` leads, of at most `_MAX_SCANNED` events; whether these are all of them.
        """
        found: dict[str, None] = {}
        cursor = self._events.find({}, {"leadId": 1, "receivedAt": 1}).sort("_id", -1).limit(_MAX_SCANNED)
        scanned = 0
        async for doc in cursor:
            scanned += 1
            received = doc.get("receivedAt")
            if isinstance(received, datetime) and from_bson(received) < at:
                return list(found), True
            found.setdefault(str(doc["leadId"]))
            if len(found) > limit:
                return list(found)[:limit], False
        return list(found), scanned < _MAX_SCANNED

    async def count(self) -> int:
        """The exact number of stored events, counted one by one."""
        return await self._events.count_documents({})


def earliest(positions: Iterable[int]) -> int:
    """The earliest of some places in the log."""
    return min(positions)

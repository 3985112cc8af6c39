"""Reading the log by position: what was appended after a place in it, and how far a reader is behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor, Stretch
from domain.events.partition import partition_at, position_in
from domain.instant import Millis
from engine.capture.log.collection import EVENTS, newest_position
from engine.capture.log.newest import NewestPositions
from engine.capture.stored_event import StoredEvent
from engine.process.clock import from_bson
from engine.store.mongo import Database, Document, without_codec

__all__ = ["EventLog", "Lag", "Span", "joined"]

_BY_POSITION = [("_id", 1)]

_MAX_SCANNED = 200_000
"""Events that are looked at for the leads of a period."""


class Span(NamedTuple):
    """The first and the last event of a lead within a stretch of one partition of the log."""

    first: int
    last: int

    def unapplied_after(self, applied: AppliedPositions) -> int | None:
        """The place in the log behind which events of the span are left for a lead that has applied these positions.

        None if all of them are applied.
        """
        reached = applied.in_partition_of(self.last)
        return None if reached >= self.last else max(self.first - 1, reached)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans of a lead with those of one partition as one: several only if its streams lie in several partitions."""
    found: dict[int, Span] = {}
    for one in spans:
        known = found.get(partition := partition_at(one.last), one)
        found[partition] = Span(min(known.first, one.first), max(known.last, one.last))
    return tuple(found.values())


class Lag(NamedTuple):
    """How far a reader of the log is behind: events that it has not read, and when the first of them was received."""

    events: int
    since: Millis | None


class EventLog:
    """Events in the order of positions. Nothing here changes one."""

    def __init__(self, database: Database, partitions: int = 1) -> None:
        self.partitions = partitions
        """Partitions of the log."""
        self._events = EVENTS.of(database)
        self._newest = NewestPositions(self._events, partitions)
        self._codecless = without_codec(self._events)  # for documents that `decode` reads

    async def newest(self, partitions: Collection[int]) -> dict[int, int]:
        """The position of the newest event of each of these partitions; of an empty one the place before its first."""
        return await self._newest.of(partitions)

    async def end(self) -> LogCursor:
        """The place of the newest event of each partition."""
        return LogCursor.of(self.partitions, (await self.newest(range(self.partitions))).values())

    async def last_position(self) -> int:
        """The highest position, 0 if there is no event. With one partition that of the newest event."""
        return await newest_position(self._events)

    async def has_reached(self, position: int) -> bool:
        """Whether an event is stored at or behind a position of its partition, so that none can still come before it."""
        partition = partition_at(position)
        return partition < self.partitions and (await self.newest([partition]))[partition] >= position

    async def place_before(self, at: Millis, newest: LogCursor) -> LogCursor:
        """The last place, up to the `newest` one, of what was received before `at`.

        By halving, for positions are without gaps and go with the time of receipt but for the clocks of several processes.
        """
        low, high = list(LogCursor.start(self.partitions).positions), list(newest.positions)
        while open_ := [one for one in range(self.partitions) if low[one] < high[one]]:
            middle = {one: (low[one] + high[one] + 1) // 2 for one in open_}
            found = self._events.find({"_id": {"$in": list(middle.values())}}, {"receivedAt": 1})
            received = {doc["_id"]: from_bson(doc["receivedAt"]) async for doc in found}
            for one, position in middle.items():
                if position in received and received[position] < at:
                    low[one] = position
                else:
                    high[one] = position - 1
        return LogCursor(tuple(low))

    async def lag(self, cursor: LogCursor, newest: LogCursor) -> Lag:
        """How far a reader that has come to `cursor` is behind the `newest` events."""
        following = [
            here + 1 for here, there in zip(cursor.positions, newest.positions, strict=True) if here < there
        ]
        if not following:
            return Lag(0, None)
        received = self._events.find({"_id": {"$in": following}}, {"receivedAt": 1})
        since = [from_bson(doc["receivedAt"]) async for doc in received]
        return Lag(cursor.events_until(newest), min(since, default=None))

    async def leads_in(self, stretches: Sequence[Stretch], limit: int) -> dict[str, Span]:
        """The leads of the first `limit` events of these stretches, each with its span of them."""
        cursor = self._codecless.find(self._of(stretches), {"leadId": 1}, batch_size=limit, hint=_BY_POSITION)
        leads: dict[str, Span] = {}
        for doc in await cursor.sort("_id", 1).limit(limit).to_list():
            position, lead_id = int(doc["_id"]), doc["leadId"]
            known = leads.get(lead_id)
            leads[lead_id] = Span(known.first if known else position, position)
        return leads

    async def events_in(self, stretches: Sequence[Stretch], limit: int) -> list[StoredEvent]:
        """The first `limit` events of these stretches in the order of positions, those too that cannot be decoded."""
        cursor = self._events.find(self._of(stretches), hint=_BY_POSITION).sort("_id", 1).limit(limit)
        return [StoredEvent.of(doc) async for doc in cursor]

    def _of(self, stretches: Sequence[Stretch]) -> Document:
        """The condition for the events of these stretches; where there is one partition, they do not carry theirs."""
        branches: list[Document] = []
        for after, up_to in stretches:
            within = {"$gt": after} if up_to is None else {"$gt": after, "$lte": up_to}
            branches.append(
                {"_id": within} if self.partitions == 1 else {"p": partition_at(after), "_id": within}
            )
        return branches[0] if len(branches) == 1 else {"$or": branches}

    async def at_positions(self, positions: Iterable[int]) -> dict[int, StoredEvent]:
        """The events at these positions, those too that cannot be decoded."""
        cursor = self._events.find({"_id": {"$in": list(positions)}})
        return {doc["_id"]: StoredEvent.of(doc) async for doc in cursor}

    async def leads_since(self, at: Millis, limit: int) -> tuple[list[str], bool]:
        """Leads with an event that was received at or after `at`; of each partition the one with the newest event first.

        At most `limit` leads, of at most `_MAX_SCANNED` events per partition; whether these are all of them.
        """
        found: dict[str, None] = {}
        is_all = True
        for partition in range(self.partitions):
            within = {"$gt": position_in(partition, 0), "$lt": position_in(partition + 1, 0)}
            cursor = self._events.find({"_id": within}, {"leadId": 1, "receivedAt": 1}).sort("_id", -1)
            left = _MAX_SCANNED
            async for doc in cursor.limit(_MAX_SCANNED):
                left -= 1
                received = doc.get("receivedAt")
                if isinstance(received, datetime) and from_bson(received) < at:
                    break
                found.setdefault(str(doc["leadId"]))
                if len(found) > limit:
                    return list(found)[:limit], False
            else:
                is_all = is_all and left > 0
        return list(found), is_all

    async def count(self) -> int:
        """The exact number of stored events, counted one by one."""
        return await self._events.count_documents({})

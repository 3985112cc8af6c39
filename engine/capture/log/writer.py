"""The append to the log: the one place that inserts events. A position that is taken, or an event id, is refused by its index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from bson.raw_bson import RawBSONDocument
from pymongo.errors import BulkWriteError

from domain.events.partition import partition_at, partition_of
from engine.capture.codec import EncodedEvent, at_position
from engine.capture.deduplication import Known
from engine.capture.log.collection import EVENTS
from engine.capture.log.newest import NewestPositions
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import DUPLICATE_KEY, Database, Document, Session

__all__ = ["AppendConflict", "EventIdConflict", "EventWriter", "Key", "PositionConflict"]

Key = tuple[int, str]
"""A partition and an event id in it."""

_MAX_AT_ONCE = 4 * 1024 * 1024
"""Bytes of events that are sent as one command, in some milliseconds; MongoDB takes 48,000,000."""


class AppendConflict(ConcurrencyConflict):
    """Of the events of one call only the first `stored` are stored; the next one was refused."""

    def __init__(self, stored: int, reason: str) -> None:
        super().__init__(reason)
        self.stored = stored


class PositionConflict(AppendConflict):
    """Another process has appended at this position meanwhile."""

    def __init__(self, stored: int) -> None:
        super().__init__(stored, "there is an event at this position")


class EventIdConflict(AppendConflict):
    """An event with this id is stored already."""

    def __init__(self, stored: int) -> None:
        super().__init__(stored, "there is an event of this id")


class EventWriter:
    """Inserts events at given positions, and looks up what is stored already."""

    def __init__(self, database: Database, partitions: int = 1) -> None:
        self._events = EVENTS.of(database)
        self._newest = NewestPositions(self._events, partitions)
        self.partitions = partitions
        """Partitions of the log."""

    def partitions_of(self, events: Sequence[EncodedEvent]) -> list[int]:
        """The partition of each event: that of its stream."""
        if self.partitions == 1:
            return [0] * len(events)
        return [partition_of(one.event.lead_id, self.partitions) for one in events]

    async def newest(self, partitions: Collection[int], session: Session | None = None) -> dict[int, int]:
        """The position of the newest event of each of these partitions; of an empty one the place before its first.

        Those of several are read beside the transaction, which cannot ask for all of them at once. They are durable, and
        that is what the next positions must follow.
        """
        return await self._newest.of(partitions, session)

    async def are_stored(self, positions: Collection[int]) -> bool:
        """Whether a durable event stands at each of these positions."""
        found = self._events.find({"_id": {"$in": list(positions)}}, {"_id": 1})
        return len(await found.to_list()) == len(positions)

    async def known(
        self, event_ids: Iterable[str], partitions: Collection[int], session: Session
    ) -> dict[Key, Known]:
        """The events that are stored under these ids in these partitions, by both: an id is unique in its partition."""
        query: Document = {"eventId": {"$in": list(event_ids)}}
        if self.partitions > 1:
            query["p"] = {"$in": list(partitions)}
        cursor = self._events.find(query, {"eventId": 1, "leadId": 1, "bodyHash": 1}, session=session)
        return {
            (partition_at(doc["_id"]), doc["eventId"]): Known(doc["_id"], doc["leadId"], doc["bodyHash"])
            async for doc in cursor
        }

    async def append(
        self, events: Sequence[EncodedEvent], positions: Sequence[int], session: Session | None = None
    ) -> None:
        """Store the events at these positions; in each partition the first must follow that of a durable event.

        With a session they become part of its transaction. Without one they are stored one after the other, and are
        durable when this returns.
        Raises `PositionConflict` or `EventIdConflict` with the number of events that are stored.
        """
        if self.partitions == 1:
            documents = [at_position(one, position) for one, position in zip(events, positions, strict=True)]
        else:
            documents = [
                at_position(one, position, partition_at(position))
                for one, position in zip(events, positions, strict=True)
            ]
        stored = 0
        for part in _parts(documents):
            try:
                if session is None:
                    await self._insert(part)
                else:
                    await self._events.insert_many(part, session=session)
            except BulkWriteError as error:
                faults, unconfirmed = error.details["writeErrors"], error.details["writeConcernErrors"]
                if unconfirmed or not faults or faults[0]["code"] != DUPLICATE_KEY:
                    raise
                refused = PositionConflict if "_id" in faults[0]["keyPattern"] else EventIdConflict
                raise refused(0 if session else stored + faults[0]["index"]) from error
            stored += len(part)

    async def _insert(self, documents: Sequence[RawBSONDocument]) -> None:
        """`insert_many` as a single command, without what PyMongo prepares for other cases.

        It is not retried: after an error the caller has to find out first what is stored.
        """
        reply = await self._events.database.command(
            {
                "insert": self._events.name,
                "documents": documents,
                "ordered": True,
                "writeConcern": self._events.write_concern.document,
            }
        )
        faults, unconfirmed = reply.get("writeErrors", []), reply.get("writeConcernError")
        if faults or unconfirmed:
            raise BulkWriteError(
                {"writeErrors": faults, "writeConcernErrors": [unconfirmed] if unconfirmed else []}
            )


def _parts(documents: Sequence[RawBSONDocument]) -> Iterator[Sequence[RawBSONDocument]]:
    """The documents in commands of `_MAX_AT_ONCE`, nearly always one."""
    start = size = 0
    for index, document in enumerate(documents):
        size += len(document.raw)
        if size > _MAX_AT_ONCE and index > start:
            yield documents[start:index]
            start, size = index, len(document.raw)
    yield documents[start:]

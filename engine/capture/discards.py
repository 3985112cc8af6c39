"""Marks on discarded events. A mark is set once, beside the event, and never removed."""

from __future__ import annotations

from domain.errors import NotFound
from domain.events.applied_positions import AppliedPositions
from domain.events.event import Event
from domain.instant import Millis
from engine.capture.log.collection import EVENTS
from engine.capture.stored_event import StoredEvent
from engine.capture.tombstone import tombstone_of
from engine.identity.stream_store import StreamStore
from engine.process.clock import to_bson
from engine.store.keyset import in_any_of
from engine.store.mongo import Database, Document, Session

__all__ = ["Discards"]

_MARKED: Document = {"discarded.at": {"$exists": True}}


class Discards:
    """Sets marks on stored events and finds the events that have one."""

    def __init__(self, database: Database) -> None:
        self._events = EVENTS.of(database)
        self._streams = StreamStore(database)

    async def stored(self, lead_id: str, event_id: str, session: Session | None = None) -> StoredEvent:
        """An event of a lead, whether or not it can be decoded. Raises `NotFound`."""
        streams = await self._streams.of_lead(lead_id, session)
        doc = await self._events.find_one({"eventId": event_id}, session=session)
        if doc is None or doc["leadId"] not in streams:
            raise NotFound(f"event of lead '{lead_id}'", event_id)
        return StoredEvent.of(doc, lead_id)

    async def count_after(self, lead_id: str, applied: AppliedPositions) -> int:
        """How many events of a lead come after what it has applied."""
        streams = list(await self._streams.of_lead(lead_id))
        return await self._events.count_documents({"leadId": {"$in": streams}, **in_any_of(applied.rest())})

    async def mark(self, position: int, by: str, reason: str, at: Millis, session: Session) -> bool:
        """Discard the event at a position. False if it was discarded before: the first mark stays."""
        marked = await self._events.update_one(
            {"_id": position, "discarded": {"$exists": False}},
            {"$set": {"discarded": {"at": to_bson(at), "by": by, "reason": reason}}},
            session=session,
        )
        return marked.modified_count > 0

    async def of_lead(self, lead_id: str) -> list[Event]:
        """The tombstones of a lead's discarded events, in position order."""
        streams = list(await self._streams.of_lead(lead_id))
        cursor = self._events.find({**_MARKED, "leadId": {"$in": streams}}).sort("_id", 1)
        return [tombstone_of(doc) async for doc in cursor]

    async def numbers(self, max_leads: int) -> dict[str, int]:
        """How many events of each lead are discarded, for at most so many leads that have any."""
        steps: list[Document] = [
            {"$match": _MARKED},
            {"$group": {"_id": "$leadId", "events": {"$sum": 1}}},
            {"$limit": max_leads},
        ]
        return {doc["_id"]: doc["events"] async for doc in await self._events.aggregate(steps)}

    async def count(self) -> int:
        """How many events are discarded in all."""
        return await self._events.count_documents(_MARKED)

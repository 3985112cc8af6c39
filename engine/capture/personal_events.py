"""Reading those events of the log that may hold a personal field, which are few of many logs: the others never leave MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.events.vocabulary import EVENT_RETRACTED, LEAD_UPDATED
from engine.capture.log.collection import EVENTS
from engine.capture.log.subscription import LogSlice
from engine.capture.stored_event import StoredEvent
from engine.store.mongo import Database, Document, without_codec

__all__ = ["PersonalEvents"]

_SCANNED = 20_000
"""Positions of the log that one call looks at."""
_READ = 1000
"""Events that one call reads."""

_MAY_BE_PERSONAL: Document = {
    "$or": [{"bodyHash": {"$regex": ":"}}, {"type": {"$in": [LEAD_UPDATED, EVENT_RETRACTED]}}]
}
"""The body hash of an event with an encrypted field begins with the id of its key, and a colon."""


class PersonalEvents:
    """Events with encrypted fields, `lead.updated` and `event.retracted`; or all events where nothing is encrypted."""

    def __init__(self, database: Database, *, are_encrypted: bool) -> None:
        self._events = without_codec(EVENTS.of(database))
        self._condition = _MAY_BE_PERSONAL if are_encrypted else {}

    async def after(self, position: int, up_to: int) -> LogSlice:
        """The next of them after a position, at most up to another one, at which an event must be stored."""
        end = min(position + _SCANNED, up_to)
        query = {"_id": {"$gt": position, "$lte": end}, **self._condition}
        found = await self._events.find(query, batch_size=_READ).sort("_id", 1).limit(_READ).to_list()
        events = [StoredEvent.of(doc) for doc in found]
        return LogSlice(events, events[-1].position if len(events) == _READ else end)

    async def of_stream(self, stream: str) -> AsyncIterator[StoredEvent]:
        """Those of one stream that count, in the order of positions.

        By the retractions in the log, whether or not the lead has applied them yet.
        """
        retracted = await self._retracted(stream)
        query = {"leadId": stream, **self._condition}
        async for doc in self._events.find(query, {"retraction": 0}).sort("_id", 1):
            if doc.get("eventId") not in retracted:
                yield StoredEvent.of(doc)

    async def _retracted(self, stream: str) -> set[str]:
        """The ids of the events that do not count. A retraction is in the stream of its event, behind it."""
        query = {"leadId": stream, "type": EVENT_RETRACTED}
        retracted: set[str] = set()
        async for doc in self._events.find(query, {"eventId": 1, "properties.eventId": 1}).sort("_id", -1):
            if doc["eventId"] not in retracted:
                retracted.add(doc.get("properties", {}).get("eventId"))
        return retracted

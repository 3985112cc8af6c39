"""Look-ups of stored events by the ids of events and leads, for what cannot be decided by hashes."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from domain.events.event import Event
from engine.capture.codec import UndecodableEvent, decode
from engine.capture.log.collection import EVENTS
from engine.store.mongo import Database, without_codec

__all__ = ["EventLookup"]


class EventLookup:
    """Finds stored events by id. Each look-up is one query of an index."""

    def __init__(self, database: Database) -> None:
        self._events = without_codec(EVENTS.of(database))

    async def leads(self, lead_ids: Collection[str]) -> set[str]:
        """Those of the leads that have events."""
        if not lead_ids:
            return set()
        return set(await self._events.distinct("leadId", {"leadId": {"$in": list(lead_ids)}}))

    async def ids(self, event_ids: Collection[str]) -> set[str]:
        """Those of the ids under which events are stored."""
        if not event_ids:
            return set()
        cursor = self._events.find({"eventId": {"$in": list(event_ids)}}, {"_id": 0, "eventId": 1})
        return {doc["eventId"] async for doc in cursor}

    async def with_ids(self, event_ids: Collection[str]) -> dict[str, Event]:
        """The events of these ids as they were stored, discarded and retracted ones too; without those that cannot be decoded."""
        found: dict[str, Event] = {}
        async for doc in self._events.find({"eventId": {"$in": list(event_ids)}}):
            doc.pop("discarded", None)
            doc.pop("retraction", None)
            with contextlib.suppress(UndecodableEvent):
                found[doc["eventId"]] = decode(doc)
        return found

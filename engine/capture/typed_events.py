"""Reading the events of some types in the order of the log: the others never leave MongoDB."""

from __future__ import annotations

from collections.abc import Collection

from engine.capture.event_store import EVENTS
from engine.capture.personal_events import LogSlice
from engine.capture.stored_event import StoredEvent
from engine.store.mongo import Database, without_codec

__all__ = ["TypedEvents"]

_SCANNED = 20_000
"""Positions of the log that one call looks at."""
_READ = 200
"""Events that one call reads."""


class TypedEvents:
    """Events by their types."""

    def __init__(self, database: Database) -> None:
        self._events = without_codec(EVENTS.of(database))

    async def after(self, position: int, up_to: int, types: Collection[str]) -> LogSlice:
        """The next events of these types after a position, at most up to another one, at which an event must be stored."""
        end = min(position + _SCANNED, up_to)
        query = {"_id": {"$gt": position, "$lte": end}, "type": {"$in": sorted(types)}}
        found = await self._events.find(query, batch_size=_READ).sort("_id", 1).limit(_READ).to_list()
        events = [StoredEvent.of(doc) for doc in found]
        return LogSlice(events, events[-1].position if len(events) == _READ else end)

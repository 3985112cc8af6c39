"""A stored event that is not decoded yet: its place in the log, its lead, and the document as it is in MongoDB."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from engine.capture.codec import decode
from engine.store.mongo import Document

__all__ = ["StoredEvent"]


class StoredEvent(Struct, frozen=True, gc=False):
    """An event as it is stored; `raw` may hold what this program does not understand."""

    position: int
    lead_id: str
    raw: Document

    @classmethod
    def of(cls, document: Document) -> StoredEvent:
        """The stored event in a document of the collection `events`."""
        return cls(int(document["_id"]), document["leadId"], document)

    @property
    def event_id(self) -> str:
        """The id as text, whatever stands in its place."""
        return str(self.raw.get("eventId"))

    @property
    def type(self) -> str:
        """The type as text, whatever stands in its place."""
        return str(self.raw.get("type"))

    def decode(self) -> Event:
        """The event, or its tombstone if it was discarded or retracted. Raises `UndecodableEvent`."""
        return decode(self.raw)

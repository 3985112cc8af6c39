"""A stored event that is not decoded yet: its place in the log, its lead, and the document as it is in MongoDB."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from engine.capture.codec import decode
from engine.store.mongo import Document

__all__ = ["StoredEvent"]


class StoredEvent(Struct, frozen=True, gc=False):
    """An event as it is stored; `raw` may hold what this program does not understand, and has the id of its stream."""

    position: int
    lead_id: str
    raw: Document

    @classmethod
    def of(cls, document: Document, lead_id: str | None = None) -> StoredEvent:
        """The stored event in a document of the collection `events`, of the lead that its stream belongs to."""
        return cls(int(document["_id"]), document["leadId"] if lead_id is None else lead_id, document)

    @property
    def stream_id(self) -> str:
        """The id under which it is stored."""
        return str(self.raw["leadId"])

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
        return decode(self.raw, lead_id=self.lead_id)

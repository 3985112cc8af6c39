"""Marks on retracted events, which are set in the transaction that applies the retraction to its lead.

A mark is what the retractions in the stream say, stored beside the event, so that every decode gives its tombstone without
reading further. The event itself stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pymongo import UpdateOne

from domain.events.event import ENGINE_SOURCE
from domain.events.retraction import Marked, StatusChange
from domain.events.vocabulary import EVENT_RETRACTED
from domain.instant import Millis
from engine.capture.log.collection import EVENTS
from engine.capture.stored_event import StoredEvent
from engine.capture.tombstone import moment_of
from engine.identity.stream_store import StreamStore
from engine.process.clock import to_bson
from engine.store.mongo import Database, Document, Session, without_codec

__all__ = ["Retraction", "Retractions", "mark_of", "retraction_in"]

_MAX_CHAIN = 20
"""Retractions of retractions that are followed."""


class Retraction(StoredEvent, frozen=True, gc=False):
    """A stored event of the engine that retracts the event at another position of the same stream."""

    @property
    def target(self) -> int:
        """The position of the event that it retracts."""
        return int(self.raw["properties"]["position"])

    @property
    def received_at(self) -> Millis:
        """When it was received, from which it counts."""
        return moment_of(self.raw.get("receivedAt"))


def retraction_in(stored: StoredEvent) -> Retraction | None:
    """The stored event as a retraction, None if it is none."""
    if stored.type != EVENT_RETRACTED or stored.raw.get("source") != ENGINE_SOURCE:
        return None
    properties = stored.raw.get("properties")
    if not isinstance(properties, dict) or not isinstance(properties.get("position"), int):
        return None
    return Retraction(stored.position, stored.lead_id, stored.raw)


class Retractions:
    """Reads and sets marks of stored events, and finds those that have one."""

    def __init__(self, database: Database) -> None:
        self._events = without_codec(EVENTS.of(database))
        self._streams = StreamStore(database)

    async def chain(self, positions: Collection[int], session: Session) -> dict[int, StoredEvent]:
        """The events at these positions, by position, and those that they retract, and so on."""
        found: dict[int, StoredEvent] = {}
        wanted = set(positions)
        for _ in range(_MAX_CHAIN):
            if not wanted:
                break
            cursor = self._events.find({"_id": {"$in": list(wanted)}}, session=session)
            docs = await cursor.to_list()
            leads = (await self._streams.membership({doc["leadId"] for doc in docs}, session)).lead_of
            fresh = [StoredEvent.of(doc, leads.get(doc["leadId"])) for doc in docs]
            found |= {one.position: one for one in fresh}
            further = (retraction_in(one) for one in fresh)
            wanted = {one.target for one in further if one is not None} - found.keys()
        return found

    async def mark(self, events: Iterable[Marked], session: Session) -> None:
        """Store the marks of these events."""
        updates = [
            UpdateOne({"_id": one.position}, {"$set": {"retraction": _document(one)}}) for one in events
        ]
        await self._events.bulk_write(updates, session=session)

    async def retracted(self, positions: Sequence[int]) -> set[int]:
        """Those of the positions whose events are retracted."""
        query = {"_id": {"$in": list(positions)}, "retraction.by.0": {"$exists": True}}
        return {int(doc["_id"]) async for doc in self._events.find(query, {"_id": 1})}


def _document(marked: Marked) -> Document:
    return {
        "by": list(marked.retracted_by),
        "changes": [{"at": to_bson(one.at), "retracted": one.retracted} for one in marked.changes],
    }


def mark_of(stored: StoredEvent) -> Marked:
    """The mark of a stored event, whatever else stands in its document."""
    mark = stored.raw.get("retraction", {})
    target = retraction_in(stored)
    return Marked(
        stored.position,
        target.target if target else None,
        tuple(mark.get("by", ())),
        tuple(StatusChange(moment_of(one["at"]), one["retracted"]) for one in mark.get("changes", ())),
    )

"""What exports show of stored events: as they were sent, personal fields opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from engine.capture.escaped_names import unescaped
from engine.capture.event_store import EventStore
from engine.capture.log.collection import EVENTS
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.personal_data import EncryptedDataStore, Exported, Record
from engine.privacy.sealed_properties import open_value
from engine.store.mongo import Document

__all__ = ["EventData"]

_PAGE = 200
_SHOWN = ("eventId", "leadId", "type", "occurredAt", "receivedAt", "source", "properties", "discarded")
"""What of a stored event says something about the lead."""


class EventData(EncryptedDataStore):
    """The registration of events. A document is exported whether or not an event can be decoded from it."""

    whole_leads = True
    collections = (EVENTS,)

    def __init__(self, events: EventStore, keys: LeadKeyStore) -> None:
        self._events = events
        self._keys = keys

    async def export(self, lead_id: str, until: int) -> Exported:
        return {"events": self._records(lead_id, until)}

    async def _records(self, lead_id: str, until: int) -> AsyncIterator[Record]:
        before: int | None = None
        while page := await self._events.page_of_lead(lead_id, _PAGE, up_to=until, before=before):
            keys = {one: await self._keys.find(one) for one in {event.stream_id for event in page}}
            for event in page:
                key = keys[event.stream_id]
                raw = unescaped(event.raw)
                yield _record({**raw, "properties": open_value("properties", raw.get("properties"), key)})
            before = page[-1].position


def _record(document: Document) -> Record:
    shown = {name: _in_utc(document[name]) for name in _SHOWN if name in document}
    return {"position": document["_id"], **shown}


def _in_utc(value: object) -> object:
    """The value with aware moments: MongoDB returns them without a zone."""
    match value:
        case datetime():
            return value.replace(tzinfo=UTC)
        case dict():
            return {name: _in_utc(inner) for name, inner in value.items()}
    return value

"""The input format of events: the strict schema that senders write, and the event that is made of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from domain.events.event import NewEvent
from domain.instant import Millis, from_datetime

__all__ = ["MAX_EVENTS", "EventInput", "lead_of", "to_new_event"]

MAX_EVENTS = 1000
"""Events in one request."""

Identity = Annotated[str, Meta(min_length=1, max_length=200)]


class EventInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One event as sent. Times are RFC 3339 with an offset; without one it happened on arrival.

    Null is as good as absent for every field that may be absent.
    """

    lead_id: Identity | None = None
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    event_id: Identity | None = None
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None
    properties: dict[str, Any] | None = None
    source: Annotated[str, Meta(max_length=100)] | None = None
    identifiers: dict[str, str] | None = None
    """What the person is known by, by kind: beside the lead's id, or in place of it."""


def lead_of(event: EventInput) -> str:
    """The id of the event's lead. Raises `ValueError` for an event whose identifiers are not resolved yet."""
    if event.lead_id is None:
        raise ValueError("the identifiers of the event are not resolved")
    return event.lead_id


def to_new_event(
    event: EventInput, event_id: str, received_at: Millis, occurred_at: Millis | None = None
) -> NewEvent:
    """The event as it is stored; `occurred_at` is when it occurred by our clock, by default as it says.

    The hash is of what was sent, so that a repeat is one whatever the clock of its sender shows by then.
    """
    sent = None if event.occurred_at is None else from_datetime(event.occurred_at)
    if occurred_at is None:
        occurred_at = received_at if sent is None else min(sent, received_at)
    return NewEvent(
        event_id=event_id,
        lead_id=lead_of(event),
        type=event.type,
        occurred_at=occurred_at,
        received_at=received_at,
        body_hash=_body_hash(event, sent),
        source=event.source or "",
        properties=event.properties or {},
    )


def _body_hash(event: EventInput, sent: Millis | None) -> str:
    """The content hash for deduplication: independent of the order of keys and the offset of the time."""
    content = (event.lead_id, event.type, sent, event.source or "", event.properties or {})
    return hashlib.blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()

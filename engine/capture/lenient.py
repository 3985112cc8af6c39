"""Lenient decoding for lists of events: a placeholder stands for one that this program does not understand.

Only for display: a fold must stop at such an event, so it calls `decode`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from domain.events.event import Event
from domain.events.vocabulary import EVENT_UNREADABLE
from domain.instant import Millis
from engine.capture.codec import UndecodableEvent
from engine.capture.stored_event import StoredEvent
from engine.capture.tombstone import placeholder

__all__ = ["decode_lenient"]


class _Displayable(msgspec.Struct, rename="camel"):
    """The types that an event needs to be displayed; `decode` checks none of them, because folding has to be fast."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    received_at: Millis
    source: str
    properties: dict[str, Any]


def decode_lenient(stored: StoredEvent) -> Event:
    """The event, or one of the engine's own in its place that says why it cannot be read."""
    try:
        event = stored.decode()
        msgspec.convert(msgspec.to_builtins(event), _Displayable)
    except UndecodableEvent as error:
        return _placeholder(stored, error.reason)
    except (msgspec.ValidationError, TypeError) as error:
        return _placeholder(stored, str(error))
    return event


def _placeholder(stored: StoredEvent, reason: str) -> Event:
    return placeholder(stored.raw, EVENT_UNREADABLE, {"type": stored.type, "reason": reason})

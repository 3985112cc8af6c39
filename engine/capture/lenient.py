"""What a list of events shows of each, so that one that this program does not understand hides none of the others.

Only for eyes: what folds a lead must stop at such an event, so it calls `decode` itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from domain.events.event import Event
from domain.events.vocabulary import EVENT_UNREADABLE
from domain.instant import Millis
from engine.capture.event_store import UndecodableEvent, decode
from engine.capture.tombstone import decode_or_tombstone
from engine.store.mongo import Document

__all__ = ["decode_lenient"]


class _Shown(msgspec.Struct, rename="camel"):
    """What an event must have to be shown; `decode` looks at no type, for folding has to be fast."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    received_at: Millis
    source: str
    properties: dict[str, Any]


def decode_lenient(stored: Document) -> Event:
    """The event, or one of the engine's own in its place that says why it cannot be read."""
    try:
        event = decode(stored)
        msgspec.convert(msgspec.to_builtins(event), _Shown)
    except UndecodableEvent as error:
        return _placeholder(stored, error.reason)
    except (msgspec.ValidationError, TypeError) as error:
        return _placeholder(stored, str(error))
    return event


def _placeholder(stored: Document, reason: str) -> Event:
    return decode_or_tombstone(stored, EVENT_UNREADABLE, {"type": str(stored.get("type")), "reason": reason})

"""What stands in the place of an event that a person has discarded, wherever its lead is folded or its events are read.

A discarded event keeps its position and its id, so that positions have no hole and the same event sent again is still a
duplicate. Its content stays as it was stored; beside it there is a mark that says who discarded it, when and why. All
that reads events comes by here, so a fold, a replay, a backtest and a list of events see the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.events.event import ENGINE_SOURCE, Event, Json
from domain.events.vocabulary import EVENT_DISCARDED
from domain.instant import MINUTE, Millis, to_datetime
from engine.process.clock import from_bson

__all__ = ["decode_or_tombstone", "tombstone_of"]

_MAX_FUTURE: Millis = 5 * MINUTE


def tombstone_of(stored: Mapping[str, object]) -> Event:
    """An event of the engine's own that neither scores nor ends a silence, and says what it stands for.

    It happens when the discarded one did, as far as that can be read: the event may have been discarded because nothing
    else of it can be. It is made of what is stored alone, so it is the same at every reading. Never raises.
    """
    mark = stored["discarded"]
    said = mark if isinstance(mark, Mapping) else {}
    return decode_or_tombstone(
        stored,
        EVENT_DISCARDED,
        {
            "type": str(stored.get("type")),
            "by": str(said.get("by", "")),
            "reason": str(said.get("reason", "")),
            "at": to_datetime(_moment(said.get("at"))).isoformat(),
        },
    )


def decode_or_tombstone(stored: Mapping[str, object], event_type: str, properties: dict[str, Json]) -> Event:
    """An event of the engine's own with the position, id and time of a stored one. Never raises."""
    received = _moment(stored.get("receivedAt"))
    occurred = _moment(stored.get("occurredAt"), otherwise=received)
    return Event(
        position=int(str(stored["_id"])),
        event_id=str(stored.get("eventId")),
        lead_id=str(stored.get("leadId")),
        type=event_type,
        occurred_at=min(occurred, received + _MAX_FUTURE) if received else occurred,
        received_at=received,
        source=ENGINE_SOURCE,
        properties=properties,
    )


def _moment(stored: object, *, otherwise: Millis = 0) -> Millis:
    return from_bson(stored) if isinstance(stored, datetime) else otherwise

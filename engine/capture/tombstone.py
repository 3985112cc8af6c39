"""The tombstone of a discarded event: same position, id and time, no effect on any score. Every decode returns it.

The event keeps its position and id in the log, so that positions have no hole and the same event sent again is still a
duplicate. Its content stays as it was stored; a mark beside it holds who discarded it, when and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.events.event import ENGINE_SOURCE, Event, Json
from domain.events.vocabulary import EVENT_DISCARDED
from domain.instant import Millis, to_datetime
from engine.process.clock import from_bson

__all__ = ["placeholder", "tombstone_of"]


def tombstone_of(stored: Mapping[str, object]) -> Event:
    """An event of the engine's own that neither scores nor ends a silence, and names the one that it stands for.

    It occurs when the discarded one did, as far as that can be read: the event may have been discarded because nothing
    else of it can be. It depends on nothing but the document, so every reading gives the same. Never raises.
    """
    discarded = stored["discarded"]
    mark = discarded if isinstance(discarded, Mapping) else {}
    return placeholder(
        stored,
        EVENT_DISCARDED,
        {
            "type": str(stored.get("type")),
            "by": str(mark.get("by", "")),
            "reason": str(mark.get("reason", "")),
            "at": to_datetime(_moment(mark.get("at"))).isoformat(),
        },
    )


def placeholder(stored: Mapping[str, object], event_type: str, properties: dict[str, Json]) -> Event:
    """An event of the engine's own with the position, id and time of a stored one. Never raises."""
    received = _moment(stored.get("receivedAt"))
    occurred = _moment(stored.get("occurredAt"), otherwise=received)
    return Event(
        position=int(str(stored["_id"])),
        event_id=str(stored.get("eventId")),
        lead_id=str(stored.get("leadId")),
        type=event_type,
        occurred_at=min(occurred, received) if received else occurred,
        received_at=received,
        source=ENGINE_SOURCE,
        properties=properties,
    )


def _moment(stored: object, *, otherwise: Millis = 0) -> Millis:
    return from_bson(stored) if isinstance(stored, datetime) else otherwise

"""The tombstone of a discarded or retracted event: same position, id and time, no effect on any score.

Every decode returns it. The event keeps its position and id in the log, so that positions have no hole and the same event
sent again is still a duplicate. Its content stays as it was stored, with a mark beside it: who discarded it, when and why,
or which retractions of it count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.events.event import ENGINE_SOURCE, Event, Json
from domain.events.retraction import StatusChange, was_retracted
from domain.events.vocabulary import EVENT_DISCARDED
from domain.instant import Millis, to_datetime
from engine.process.clock import from_bson

__all__ = ["buried", "moment_of", "placeholder", "tombstone_of"]


def buried(stored: Mapping[str, object], known_at: Millis | None = None) -> bool:
    """Whether a tombstone stands for the event: it is discarded, or retracted by what had been received by `known_at`.

    A discarded event cannot be folded at all, so that counts whenever it was.
    """
    if "discarded" in stored:
        return True
    mark = stored.get("retraction")
    if not isinstance(mark, Mapping):
        return False
    if known_at is None:
        return bool(mark["by"])
    changes = (StatusChange(moment_of(one["at"]), one["retracted"]) for one in mark["changes"])
    return was_retracted(changes, known_at)


def tombstone_of(stored: Mapping[str, object]) -> Event:
    """An event of the engine's own that neither scores nor ends a silence, and names the one that it stands for.

    It occurs when the discarded one did, as far as that can be read: the event may have been discarded because nothing
    else of it can be. It depends on nothing but the document, so every reading gives the same. Never raises.
    """
    if "discarded" not in stored:
        return _retracted(stored)
    discarded = stored["discarded"]
    mark = discarded if isinstance(discarded, Mapping) else {}
    return placeholder(
        stored,
        EVENT_DISCARDED,
        {
            "type": str(stored.get("type")),
            "by": str(mark.get("by", "")),
            "reason": str(mark.get("reason", "")),
            "at": to_datetime(moment_of(mark.get("at"))).isoformat(),
        },
    )


def _retracted(stored: Mapping[str, object]) -> Event:
    mark = stored["retraction"]
    changes = mark["changes"] if isinstance(mark, Mapping) else []
    at = next((one["at"] for one in reversed(changes) if one["retracted"]), None)
    facts: dict[str, Json] = {"type": str(stored.get("type")), "at": to_datetime(moment_of(at)).isoformat()}
    return placeholder(stored, EVENT_DISCARDED, {**facts, "reason": "retracted"})


def placeholder(stored: Mapping[str, object], event_type: str, properties: dict[str, Json]) -> Event:
    """An event of the engine's own with the position, id and time of a stored one. Never raises."""
    received = moment_of(stored.get("receivedAt"))
    occurred = moment_of(stored.get("occurredAt"), otherwise=received)
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


def moment_of(stored: object, *, otherwise: Millis = 0) -> Millis:
    """The moment in a field of a document, whatever stands there."""
    return from_bson(stored) if isinstance(stored, datetime) else otherwise

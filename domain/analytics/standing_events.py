"""The events of a lead that stand: all but those that are retracted, by the retractions among them.

Stored marks are not asked for: a worker sets them when it applies a retraction, which may be later.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.events.event import ENGINE_SOURCE, Event
from domain.events.retraction import Marked, retract
from domain.events.vocabulary import EVENT_RETRACTED

__all__ = ["standing_events"]


def standing_events(events: Iterable[Event]) -> list[Event]:
    """The events that count, in the order in which they occurred. A retraction counts within its own stream only."""
    by_position = {event.position: event for event in events}
    marks = {position: Marked(position, _target(event)) for position, event in by_position.items()}
    for position in sorted(by_position):
        retraction = by_position[position]
        target = by_position.get(_target(retraction) or 0)
        if target is not None and target.stream_id == retraction.stream_id:
            marks |= retract(position, target.position, retraction.received_at, marks)
    standing = (event for position, event in by_position.items() if not marks[position].retracted_by)
    return sorted(standing, key=lambda one: (one.occurred_at, one.received_at, one.position))


def _target(event: Event) -> int | None:
    """The position of the event that this one retracts, None if it is no retraction."""
    if event.type != EVENT_RETRACTED or event.source != ENGINE_SOURCE:
        return None
    position = event.properties.get("position")
    return position if isinstance(position, int) else None

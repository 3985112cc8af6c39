"""Retraction of events: which events count, after retractions and retractions of retractions.

A retraction names an earlier event of the same stream, which from then on counts for nothing; itself it can be retracted,
and then the event counts again. The event counts as long as no retraction of it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from domain.instant import Millis

__all__ = ["Marked", "StatusChange", "retract", "was_retracted"]


class StatusChange(Struct, frozen=True):
    """From this moment, that of a retraction's receipt, the event is retracted, or counts again."""

    at: Millis
    retracted: bool


class Marked(Struct, frozen=True):
    """An event with the retractions of it that count, and how its status has changed.

    `target` is the position of the event that it retracts, None if it is no retraction itself.
    """

    position: int
    target: int | None = None
    retracted_by: tuple[int, ...] = ()
    changes: tuple[StatusChange, ...] = ()


def retract(retraction: int, target: int, at: Millis, events: Mapping[int, Marked]) -> dict[int, Marked]:
    """The events whose marks change when a retraction of `target` is received, by position.

    `events` are the target, what that retracts, and so on; where the chain ends, so does the effect.
    """
    changed: dict[int, Marked] = {}
    source, counts, position = retraction, True, target
    while (event := events.get(position)) is not None and position not in changed:
        others = tuple(one for one in event.retracted_by if one != source)
        by = (*others, source) if counts else others
        flips = bool(by) != bool(event.retracted_by)
        changes = (*event.changes, StatusChange(at, bool(by))) if flips else event.changes
        changed[position] = replace(event, retracted_by=by, changes=changes)
        if not flips or event.target is None:
            break
        source, counts, position = position, not by, event.target
    return {position: event for position, event in changed.items() if event != events[position]}


def was_retracted(changes: Iterable[StatusChange], known_at: Millis) -> bool:
    """Whether the event was retracted by what had been received by then."""
    retracted = False
    for change in changes:
        if change.at <= known_at:
            retracted = change.retracted
    return retracted

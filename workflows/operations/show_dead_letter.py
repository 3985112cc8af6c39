"""A dead letter together with the event at which its lead fails, as that is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from domain.errors import NotFound
from domain.events.applied_positions import NOTHING_APPLIED
from engine.operations.dead_letters import DeadLetter
from engine.runtime import Runtime
from engine.store.mongo import Document

__all__ = ["DeadLetterDetails", "show_dead_letter"]

_MAX_DEPTH = 32


class DeadLetterDetails(Struct, frozen=True):
    """`event` is None when it is not known or not stored; `waiting` counts the events that are not applied yet."""

    letter: DeadLetter
    event: Document | None
    applied: int
    waiting: int


async def show_dead_letter(runtime: Runtime, lead_id: str) -> DeadLetterDetails:
    """The dead letter of a lead, its event and its backlog. Raises `NotFound`."""
    letter = await runtime.operations.dead_letters.get(lead_id)
    applied = (await runtime.leads.states.positions([lead_id])).get(lead_id, NOTHING_APPLIED)
    try:
        stored = await runtime.capture.discards.stored(lead_id, letter.event_id)
    except NotFound:
        stored = None
    waiting = await runtime.capture.discards.count_after(lead_id, applied)
    event = None if stored is None else {str(name): _plain(value) for name, value in stored.raw.items()}
    return DeadLetterDetails(letter, event, applied.last, waiting)


def _plain(value: object, depth: int = 0) -> object:
    """The stored value as JSON; what JSON has no type for as its text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.replace(tzinfo=UTC).isoformat()
        case Mapping() if depth < _MAX_DEPTH:
            return {str(name): _plain(inner, depth + 1) for name, inner in value.items()}
        case list() if depth < _MAX_DEPTH:
            return [_plain(inner, depth + 1) for inner in value]
    return str(value)

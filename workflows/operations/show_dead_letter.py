"""Answers what holds a lead up: the dead letter, and the event as it is stored, readable or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from domain.errors import NotFound
from engine.operations.dead_letters import DeadLetter
from engine.runtime import Runtime
from engine.store.mongo import Document

__all__ = ["ShownLetter", "show_dead_letter"]

_MAX_DEPTH = 32


class ShownLetter(Struct, frozen=True):
    """`event` is None when it is not known or gone; `waiting` counts the lead's events after those applied."""

    letter: DeadLetter
    event: Document | None
    applied: int
    waiting: int


async def show_dead_letter(runtime: Runtime, lead_id: str) -> ShownLetter:
    """The dead letter of a lead with what belongs to it. Raises `NotFound`."""
    letter = await runtime.operations.dead_letters.get(lead_id)
    applied = (await runtime.leads.states.positions([lead_id])).get(lead_id, 0)
    try:
        stored = await runtime.capture.discards.stored(lead_id, letter.event_id)
    except NotFound:
        stored = None
    waiting = await runtime.capture.discards.count_after(lead_id, applied)
    event = None if stored is None else {str(name): _plain(value) for name, value in stored.raw.items()}
    return ShownLetter(letter, event, applied, waiting)


def _plain(value: object, depth: int = 0) -> object:
    """What JSON can hold of a stored value; anything else as its text."""
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

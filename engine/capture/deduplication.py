"""Deduplication of appended events: the event id is an idempotency key, so a repeat stores nothing.

The same id with the same content is a duplicate; with other content, or of another lead, it is a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from domain.events.event import NewEvent
from engine.capture.codec import EncodedEvent
from engine.privacy.lead_key import key_id_of

__all__ = ["Appended", "Known", "accepted", "outcome"]


class Appended(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The outcome of appending one event. `position` is that of the stored event with this id.

    `blocked` is an event that was not offered to the store: its lead was erased and blocked. It has no position.
    """

    event_id: str
    lead_id: str
    status: Literal["accepted", "duplicate", "conflict", "blocked"]
    position: int = 0
    clamped: bool = False
    """Whether its time was moved, because no event can occur then: after its receipt, or too long ago for its sender."""
    clock_ahead_ms: int = 0
    """By how many milliseconds its time was corrected before, because its sender's clock is ahead; negative: behind."""


class Known(NamedTuple):
    """What is compared of an event that is already stored."""

    position: int
    lead_id: str
    body_hash: str


def accepted(events: Sequence[EncodedEvent], positions: Sequence[int]) -> list[Appended]:
    """The outcomes of events that are stored at these positions."""
    return [
        Appended(one.event.event_id, one.event.lead_id, "accepted", position)
        for one, position in zip(events, positions, strict=True)
    ]


def outcome(event: NewEvent, stored: Known, *, is_new: bool) -> Appended:
    """The outcome of an event, given what is stored under its id; `is_new` if that is this very event."""
    status: Literal["accepted", "duplicate", "conflict"] = "duplicate"
    if is_new:
        status = "accepted"
    elif not _has_same_content(stored, event):
        status = "conflict"
    return Appended(event.event_id, event.lead_id, status, stored.position)


def _has_same_content(stored: Known, event: NewEvent) -> bool:
    """Whether an event equals what is stored under its id, as far as that can be known.

    Content that was encrypted under a key of the lead that is gone cannot be compared any more; then id and lead decide.
    """
    if stored.lead_id != event.lead_id:
        return False  # hashes under the keys of two leads differ whatever they are of
    if stored.body_hash == event.body_hash:
        return True
    then, now = key_id_of(stored.body_hash), key_id_of(event.body_hash)
    if then:
        return now not in ("", then)
    return stored.body_hash == event.plain_hash  # it was stored when none of its fields was personal yet

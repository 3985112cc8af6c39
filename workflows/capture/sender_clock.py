"""Correction of senders' clocks: when each event of a request occurred, by our clock.

No event occurs after its receipt. A request that says when it was sent (`Sent-At`) shows by how much its sender's clock is wrong;
so does one of several events that are all ahead by about the same amount. What is still ahead counts as of its receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from domain.instant import MINUTE, Millis, from_datetime
from workflows.capture.event_input import EventInput

__all__ = ["Occurrence", "occurrences"]

_MAX_DELIVERY: Millis = MINUTE
"""Longest that a request may be under way; one that seems to take longer has a sender whose clock is behind."""
_MAX_SPREAD: Millis = 10 * MINUTE
"""Events that are ahead by amounts this much apart are not ahead because of one clock."""


class Occurrence(NamedTuple):
    """When an event occurred, and whether that was moved because no event can occur then."""

    at: Millis
    clamped: bool


def occurrences(
    events: Sequence[EventInput], received_at: Millis, *, sent_at: Millis | None, oldest: Millis
) -> list[Occurrence]:
    """When each event occurred, from `oldest` to its receipt; one without a time occurred on arrival."""
    said = [None if event.occurred_at is None else from_datetime(event.occurred_at) for event in events]
    ahead_by = _ahead_by(said, received_at, sent_at)
    return [
        Occurrence(received_at, clamped=False) if at is None else _within(at - ahead_by, oldest, received_at)
        for at in said
    ]


def _within(at: Millis, oldest: Millis, received_at: Millis) -> Occurrence:
    if at > received_at:
        return Occurrence(received_at, clamped=True)
    return Occurrence(at, clamped=False) if at >= oldest else Occurrence(oldest, clamped=True)


def _ahead_by(said: Sequence[Millis | None], received_at: Millis, sent_at: Millis | None) -> Millis:
    """By how much the sender's clock is ahead of ours; negative if it is behind, 0 if nothing shows it."""
    if sent_at is not None:
        skew = sent_at - received_at
        return skew if skew > 0 or skew < -_MAX_DELIVERY else 0
    times = [at for at in said if at is not None]
    if len(times) < 2 or min(times) <= received_at or max(times) - min(times) > _MAX_SPREAD:  # noqa: PLR2004 - several
        return 0
    return max(times) - received_at

"""Correction of senders' clocks: when each event of a request occurred, by our clock.

No event occurs after its receipt. A request that says when it was sent (`Sent-At`) shows by how much its sender's clock is wrong;
so does one of several events that are all ahead by about the same amount. What is still ahead counts as of its receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from domain.instant import MINUTE, Millis, from_datetime
from workflows.capture.event_input import EventInput

__all__ = ["Occurrence", "SentAt", "occurrences"]

SentAt = Millis | Sequence[Millis | None] | None
"""When events were sent, by the clock of their sender: all of them, or each; None where nothing says so."""

_MAX_DELIVERY: Millis = MINUTE
"""Longest that a request may be under way; one that seems to take longer has a sender whose clock is behind."""
_MAX_SPREAD: Millis = 10 * MINUTE
"""Events that are ahead by amounts this much apart are not ahead because of one clock."""


class Occurrence(NamedTuple):
    """When an event occurred, whether that was moved because no event can occur then, and by how much it was corrected before.

    `ahead` is by how many milliseconds the sender's clock was ahead of ours, negative if it was behind.
    """

    at: Millis
    clamped: bool
    ahead: Millis = 0


def occurrences(
    events: Sequence[EventInput],
    received_at: Millis,
    *,
    sent_at: SentAt = None,
    oldest: Millis = 0,
) -> list[Occurrence]:
    """When each event occurred, from `oldest` to its receipt; one without a time occurred on arrival.

    `sent_at` is when the events were sent by the sender's clock: all of them, or each of them.
    """
    said = [None if event.occurred_at is None else from_datetime(event.occurred_at) for event in events]
    if isinstance(sent_at, Sequence):
        ahead_by = [0 if one is None else _skew(one, received_at) for one in sent_at]
    else:
        ahead_by = [_ahead_by(said, received_at, sent_at)] * len(said)
    return [
        Occurrence(received_at, clamped=False)
        if at is None
        else _within(at - ahead, oldest, received_at)._replace(ahead=ahead)
        for at, ahead in zip(said, ahead_by, strict=True)
    ]


def _within(at: Millis, oldest: Millis, received_at: Millis) -> Occurrence:
    if at > received_at:
        return Occurrence(received_at, clamped=True)
    return Occurrence(at, clamped=False) if at >= oldest else Occurrence(oldest, clamped=True)


def _skew(sent_at: Millis, received_at: Millis) -> Millis:
    """By how much a clock is ahead that showed `sent_at` when something was sent that has just arrived."""
    skew = sent_at - received_at
    return skew if skew > 0 or skew < -_MAX_DELIVERY else 0


def _ahead_by(said: Sequence[Millis | None], received_at: Millis, sent_at: Millis | None) -> Millis:
    """By how much the sender's clock is ahead of ours; negative if it is behind, 0 if nothing shows it."""
    if sent_at is not None:
        return _skew(sent_at, received_at)
    times = [at for at in said if at is not None]
    if len(times) < 2 or min(times) <= received_at or max(times) - min(times) > _MAX_SPREAD:  # noqa: PLR2004 - several
        return 0
    return max(times) - received_at

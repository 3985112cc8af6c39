"""The retry schedule of webhooks: the pauses of Standard Webhooks, and longer ones that a receiver asks for."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from domain.instant import HOUR, MINUTE, SECOND, Millis, from_datetime
from engine.work.backoff import scheduled

__all__ = ["ATTEMPTS", "backoff", "retry_after"]

_PAUSES: tuple[Millis, ...] = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""After the first attempt, which is made at once, and after each further one but the last."""

ATTEMPTS = len(_PAUSES) + 1

_JITTER = 0.1
_MAX_PAUSE: Millis = 24 * HOUR
_MAX_DIGITS = 9
_THROTTLES = frozenset({429, 502, 503, 504})

backoff = scheduled(_PAUSES, _JITTER)
"""The pause after so many failed attempts, up to a tenth longer, so that not all messages come at once."""


def retry_after(status: int, header: str | None, at: Millis) -> Millis:
    """The pause that a throttling receiver asks for in seconds or as a date; a day at most, 0 if it asks for none."""
    if status not in _THROTTLES or header is None:
        return 0
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(int(text.lstrip("0")[:_MAX_DIGITS] or "0") * SECOND, _MAX_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0
    if moment.tzinfo is None:
        return 0
    return min(max(from_datetime(moment) - at, 0), _MAX_PAUSE)

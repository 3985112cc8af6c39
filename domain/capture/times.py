"""Times as senders write them: RFC 3339, with or without an offset, and seconds or milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from domain.events.event import Json
from domain.instant import SECOND, from_datetime, to_datetime

__all__ = ["NotATime", "moment_of"]

_FIRST_MILLIS = 100_000_000_000
"""A number from here on is in milliseconds, of 1973 and later; a smaller one in seconds, up to the year 5138."""
_LAST_MILLIS = from_datetime(datetime.max.replace(tzinfo=UTC))


class NotATime(ValueError):
    """The value says no time."""


def moment_of(value: Json) -> datetime | None:
    """The moment that a value says; None for null and an empty text. One without an offset is in UTC.

    Raises `NotATime`.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            at = msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            raise _not_a_time() from None
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    match value:
        case bool():
            pass
        case int() | float() if 0 <= value <= _LAST_MILLIS:
            return to_datetime(round(value if value >= _FIRST_MILLIS else value * SECOND))
    raise _not_a_time()


def _not_a_time() -> NotATime:
    return NotATime("write RFC 3339, such as 2026-11-22T12:00:00Z, or milliseconds since 1970")

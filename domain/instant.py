"""Moments in time as whole milliseconds since 1970-01-01 UTC: exact, fast, and the precision MongoDB stores."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "CalendarPeriod",
    "Millis",
    "date_bucket",
    "from_datetime",
    "to_datetime",
]

Millis = int
SECOND: Millis = 1000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR

CalendarPeriod = Literal["hour", "day", "week", "once"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST_DAY = date(1970, 1, 1)
_BUCKET_FORMATS = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "week": "%G-W%V"}


def to_datetime(at: Millis) -> datetime:
    """The moment as an aware UTC datetime."""
    return _EPOCH + at * _MILLISECOND


def from_datetime(moment: datetime) -> Millis:
    """An aware datetime as milliseconds; anything finer is cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def date_bucket(period: CalendarPeriod, at: Millis, zone: tzinfo | None = None) -> str:
    """The hour, day or ISO week that holds `at`, or `once` for all time: what "at most one per period" means.

    In UTC, or by the clock of a `zone`; an hour then has its offset, because one of them comes twice a year.
    """
    if period == "once":
        return "once"
    if zone is None:
        return _day(at // DAY) if period == "day" else to_datetime(at).strftime(_BUCKET_FORMATS[period])
    local = to_datetime(at).astimezone(zone)
    return local.strftime("%Y-%m-%dT%H%z" if period == "hour" else _BUCKET_FORMATS[period])


@lru_cache(maxsize=10_000)
def _day(days: int) -> str:
    """The date that is so many days after 1970-01-01. Remembered, because most events are of a few days."""
    return (_FIRST_DAY + timedelta(days=days)).isoformat()

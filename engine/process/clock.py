"""The one place that reads the clock, and times as MongoDB holds them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from domain.instant import Millis

__all__ = ["from_bson", "now", "to_bson"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - PyMongo hands out naive UTC datetimes, twice as fast as aware ones
_MILLISECOND = timedelta(milliseconds=1)


def now() -> Millis:
    """The present moment."""
    return time.time_ns() // 1_000_000


def to_bson(at: Millis) -> datetime:
    """A moment as the naive UTC datetime that PyMongo stores as a date."""
    return _EPOCH + at * _MILLISECOND


def from_bson(moment: datetime) -> Millis:
    """A date as PyMongo reads it."""
    return (moment - _EPOCH) // _MILLISECOND

"""The wall clock, and the conversion of instants to and from BSON dates. Nothing else reads the clock."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from domain.instant import Millis

__all__ = ["from_bson", "now", "to_bson"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - PyMongo returns naive UTC datetimes, twice as fast as aware ones
_MILLISECOND = timedelta(milliseconds=1)


def now() -> Millis:
    """The current instant."""
    return time.time_ns() // 1_000_000


def to_bson(at: Millis) -> datetime:
    """An instant as the naive UTC datetime that PyMongo stores as a date."""
    return _EPOCH + at * _MILLISECOND


def from_bson(moment: datetime) -> Millis:
    """The instant in a date as PyMongo returns it."""
    return (moment - _EPOCH) // _MILLISECOND

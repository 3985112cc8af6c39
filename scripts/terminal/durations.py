"""Durations and ages in words, by humanize, without the months that it rounds to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import humanize

from domain.instant import MINUTE, Millis

__all__ = ["age", "days_in_words", "hours_in_words"]

_DAY_HOURS = 24


def days_in_words(days: float) -> str:
    """An exact duration, to the minute: `1 day`, `21 days`, `1 day and 12 hours`, `1 year`."""
    return _in_words(timedelta(days=days), ["months"])


def hours_in_words(hours: float) -> str:
    """An exact duration, to the minute; below two days in hours: `4 hours`, `24 hours`, `3 days`."""
    return _in_words(timedelta(hours=hours), ["months", "days"] if hours < 2 * _DAY_HOURS else ["months"])


def age(at: Millis, as_of: Millis) -> str:
    """The time from `at` to `as_of`, in its largest unit: `just now`, `5 minutes ago`, `3 hours ago`, `12 days ago`."""
    if as_of - at < MINUTE:
        return "just now"
    return humanize.naturaltime(timedelta(milliseconds=as_of - at), months=False)


def _in_words(duration: timedelta, suppress: Sequence[str]) -> str:
    return humanize.precisedelta(duration, minimum_unit="minutes", suppress=suppress, format="%.0f")

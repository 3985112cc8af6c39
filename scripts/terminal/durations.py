"""Spans of time in the plain words of people."""

from __future__ import annotations

from domain.instant import DAY, HOUR, MINUTE, Millis

__all__ = ["age", "days_in_words", "hours_in_words"]

_WEEK = 7
_MAX_WEEKS = 8
_YEAR = 365
_LONG_AGO_DAYS = 1000


def days_in_words(days: float) -> str:
    """`1 day`, `10 days`, `3 weeks`, `1 year`; parts of a day in hours."""
    if 0 < days < 1 or (days < _WEEK and not float(days).is_integer()):
        return hours_in_words(days * 24)
    if days and days % _YEAR == 0:
        return _counted(days / _YEAR, "year")
    if days and days % _WEEK == 0 and days <= _MAX_WEEKS * _WEEK:
        return _counted(days / _WEEK, "week")
    return _counted(days, "day")


def hours_in_words(hours: float) -> str:
    """`4 hours`; whole days beyond two of them as days."""
    if hours >= 48 and hours % 24 == 0:  # noqa: PLR2004 - "24 hours" is how people say a day here
        return days_in_words(hours / 24)
    return _counted(hours, "hour")


def age(at: Millis, as_of: Millis) -> str:
    """How long before `as_of` it was, short enough for a table: `5 min ago`, `3 h ago`, `12 d ago`."""
    span = max(0, as_of - at)
    if span < MINUTE:
        return "just now"
    if span < HOUR:
        return f"{span // MINUTE} min ago"
    if span < 2 * DAY:
        return f"{span // HOUR} h ago"
    days = span // DAY
    return f"{days} d ago" if days < _LONG_AGO_DAYS else f"{days // _YEAR} y ago"


def _counted(number: float, unit: str) -> str:
    return f"{number:g} {unit}{'' if number == 1 else 's'}"

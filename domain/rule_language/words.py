"""Phrases for descriptions of rules: alternatives, shares and durations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import humanize

__all__ = ["any_of", "days_in_words", "hours_in_words", "percent", "value_in_words"]

_DAY_HOURS = 24


def any_of(names: Iterable[object]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *others, last = [value_in_words(name) for name in names]
    return f"{', '.join(others)} or {last}" if others else last


def value_in_words(value: object) -> str:
    """A value as people say it: `yes` for true."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def percent(share: float) -> str:
    """`35 %` for 0.35."""
    return f"{share * 100:.4g} %"


def days_in_words(days: float) -> str:
    """An exact duration, to the minute: `1 day`, `21 days`, `1 day and 12 hours`, `1 year`."""
    return _in_words(timedelta(days=days), ["months"])


def hours_in_words(hours: float) -> str:
    """An exact duration, to the minute; below two days in hours: `4 hours`, `24 hours`, `3 days`."""
    return _in_words(timedelta(hours=hours), ["months", "days"] if hours < 2 * _DAY_HOURS else ["months"])


def _in_words(duration: timedelta, suppress: Sequence[str]) -> str:
    return str(
        humanize.precisedelta(duration, minimum_unit="minutes", suppress=list(suppress), format="%.0f")
    )

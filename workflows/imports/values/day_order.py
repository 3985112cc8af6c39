"""Whether the day or the month comes first in numeric dates, and whether cells leave that open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

__all__ = ["day_order", "other_order", "swapped"]


def day_order(pattern: str) -> str:
    """The order of a strptime pattern with both in numbers: `day first` or `month first`; empty for any other."""
    if "%d" not in pattern or "%m" not in pattern or "%Y-%m-%d" in pattern or pattern.startswith("%Y"):
        return ""
    return "day first" if pattern.index("%d") < pattern.index("%m") else "month first"


def swapped(pattern: str) -> str:
    """The pattern with day and month in each other's place."""
    return pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def other_order(pattern: str, cells: Iterable[str]) -> str:
    """The other order, if all cells that the pattern reads can be read in it too, and some then mean another day."""
    if not day_order(pattern):
        return ""
    read = [cell for cell in cells if _reads(pattern, cell)]
    differ = [cell for cell in read if _day(pattern, cell) != _day(swapped(pattern), cell)]
    if not differ or not all(_reads(swapped(pattern), cell) for cell in read):
        return ""
    return day_order(swapped(pattern))


def _day(pattern: str, cell: str) -> datetime | None:
    try:
        return datetime.strptime(cell, pattern)  # noqa: DTZ007 - only days are compared
    except ValueError:
        return None


def _reads(pattern: str, cell: str) -> bool:
    return _day(pattern, cell) is not None

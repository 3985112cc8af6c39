"""Warm-up of a sender: how many messages it may send on a day, from what it has sent on the days before."""

from __future__ import annotations

import math

__all__ = ["WARM_UP_DAYS", "daily_limit"]

WARM_UP_DAYS = 7
"""Days before a day that count for its limit. A sender that was silent for longer begins again."""


def daily_limit(first: int, growth: float, most: int, ceiling: int) -> int:
    """Messages of a day; 0 for no limit.

    `first` are those of the first day, 0 without warm-up; `growth` is how many times the `most` of the days before may be
    sent; `ceiling` is never exceeded, 0 for none. Counting what was sent, not the days that have passed, keeps a sender that
    was silent, or sent a few, from sending thousands at once.
    """
    if first <= 0:
        return max(ceiling, 0)
    grown = max(first, math.ceil(most * growth))
    return min(grown, ceiling) if ceiling > 0 else grown

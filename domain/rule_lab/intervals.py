"""Intervals (95 %) of what a sample of leads says about all of them; they close when all leads have been looked at.

Wilson (1927) for shares, the normal approximation for means, both with the correction for a finite population (Cochran 1977);
"none in n" is at most 3 / n (Hanley and Lippman-Hand 1983).
"""

from __future__ import annotations

from math import sqrt

from domain.prediction.report import wilson

__all__ = ["Interval", "share_interval", "total_interval"]

Interval = tuple[float, float]
_Z = 1.959964
_NONE_SEEN = 3.0


def share_interval(seen: int, leads: int, of: int) -> Interval:
    """The share among `of` leads of which `leads` were looked at, and `seen` were such."""
    if leads == 0:
        return 0.0, 1.0
    share = seen / leads
    if leads >= of:
        return share, share
    shrink = sqrt((of - leads) / max(of - 1, 1))
    low, high = wilson(seen, leads)
    return share - (share - low) * shrink, share + (high - share) * shrink


def total_interval(total: int, squares: int, leads: int, of: int) -> Interval:
    """The total over `of` leads, of which `leads` (at least one) were looked at, with this `total` and sum of squares.

    It is never less than what was seen.
    """
    expected = total / leads * of
    if leads >= of:
        return float(total), float(total)
    if total == 0:
        return 0.0, _NONE_SEEN / leads * (of - leads)
    mean = total / leads
    variance = max(squares / leads - mean**2, mean / leads)
    spread = _Z * of * sqrt(variance / leads * (of - leads) / max(of - 1, 1))
    return max(expected - spread, float(total)), expected + spread

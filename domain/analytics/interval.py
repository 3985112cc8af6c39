"""The Wilson score interval of a share, so that shares of few messages are not read as more than they are."""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

__all__ = ["Share", "wilson"]

_Z = 1.959963984540054
"""The 0.975 quantile of the standard normal distribution: an interval of 95 %."""


class Share(Struct, frozen=True):
    """A share from 0 to 1, and the ends of its 95 % interval."""

    share: float
    low: float
    high: float


def wilson(successes: int, trials: int) -> Share | None:
    """The share and its interval; None without trials.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
    Association 22 (1927), 209-212; without correction for continuity. It takes trials as independent.
    """
    if not trials:
        return None
    share, squared = successes / trials, _Z * _Z
    centre = (share + squared / (2 * trials)) / (1 + squared / trials)
    half = _Z * sqrt(share * (1 - share) / trials + squared / (4 * trials * trials)) / (1 + squared / trials)
    return Share(share, min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share))

"""A curve in one line of text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.:-=+*#"
"""For terminals that know ASCII only."""


def sparkline(values: Sequence[float], *, ascii_only: bool = False) -> str:
    """One bar per value, scaled from the lower of 0 and the minimum to the maximum."""
    bars = _PLAIN_BARS if ascii_only else _BARS
    low = min(0.0, *values) if values else 0.0
    span = max([0.0, *values]) - low
    if span == 0:
        return bars[0] * len(values)
    return "".join(bars[round((value - low) / span * (len(bars) - 1))] for value in values)

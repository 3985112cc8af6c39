"""Processor use of other programs during the benchmark (Linux)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple, Self

__all__ = ["Moment"]

_BUSY_FIELDS = (1, 2, 3, 6, 7, 8)
"""Of the first line of /proc/stat: user, nice, system, irq, softirq and steal."""


class Moment(NamedTuple):
    """Seconds of the clock, and of processors: used by all, and by us and those of our children that have ended."""

    at: float
    busy: float
    ours: float

    @classmethod
    def now(cls) -> Self:
        """The present; nothing is busy where there is no /proc."""
        stat = Path("/proc/stat")
        fields = stat.read_text(encoding="utf-8").splitlines()[0].split() if stat.exists() else []
        ticks = sum(int(fields[field]) for field in _BUSY_FIELDS if field < len(fields))
        return cls(time.monotonic(), ticks / os.sysconf("SC_CLK_TCK"), sum(os.times()[:4]))

    def share_of_others_since(self, before: Self, cores: int) -> float:
        """The share of all processors that other programs have used since then. No child may run at either moment."""
        others = (self.busy - before.busy) - (self.ours - before.ours)
        return max(others, 0.0) / ((self.at - before.at) * cores)

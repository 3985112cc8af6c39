"""Figures and what is expected of them: medians, spreads, ratios, targets and verdicts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Literal

from msgspec import Struct

__all__ = ["Figure", "Row", "Target", "Verdict", "at_least", "below", "percentile"]

Verdict = Literal["aim met", "reached", "missed", ""]


class Figure(Struct, frozen=True):
    """The samples of one measurement, one per round."""

    unit: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.samples)

    @property
    def low(self) -> float:
        """The lowest of the rounds."""
        return min(self.samples)

    @property
    def high(self) -> float:
        """The highest of the rounds."""
        return max(self.samples)

    def over(self, baseline: Figure) -> Figure:
        """The ratio to the baseline, round by round, so that a drift of the machine affects both."""
        pairs = zip(self.samples, baseline.samples, strict=True)
        return Figure("x", tuple(subject / other for subject, other in pairs))


class Target(Struct, frozen=True):
    """A lower bound, or an exclusive upper one."""

    bound: float
    upper: bool = False

    def met_by(self, value: float) -> bool:
        """Whether the value is on the right side; an upper bound itself is too much."""
        return value < self.bound if self.upper else value >= self.bound


def at_least(bound: float) -> Target:
    """A target that the bound itself meets."""
    return Target(bound)


def below(bound: float) -> Target:
    """A target that only less than the bound meets."""
    return Target(bound, upper=True)


class Row(Struct, frozen=True, kw_only=True):
    """One line of the table. Judged is the ratio to the baseline if there is one, unless `judged` says otherwise."""

    question: int
    name: str
    measured: Figure
    baseline: Figure | None = None
    baseline_name: str = ""
    judged: Literal["ratio", "measured"] = "ratio"
    reach: Target | None = None
    aim: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> Figure | None:
        """The measured figure over its baseline."""
        return None if self.baseline is None else self.measured.over(self.baseline)

    @property
    def judged_figure(self) -> Figure:
        """The figure that the targets judge."""
        ratio = self.ratio
        return self.measured if ratio is None or self.judged == "measured" else ratio

    @property
    def verdict(self) -> Verdict:
        """The verdict on the targets, by the median; empty without any."""
        value = self.judged_figure.median
        if self.aim is not None and self.aim.met_by(value):
            return "aim met"
        if self.reach is None:
            return "" if self.aim is None else "missed"
        return "reached" if self.reach.met_by(value) else "missed"


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` of them do not exceed (nearest rank). Raises without samples."""
    if not samples:
        raise ValueError("there is no percentile of nothing")
    rank = -(-len(samples) * percent // 100)
    return sorted(samples)[max(int(rank), 1) - 1]

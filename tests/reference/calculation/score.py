"""What every way of scoring answers: a breakdown at a moment, and a curve for the time after the last event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.reference.calculation.facts import Fact


@dataclass(frozen=True)
class Line:
    """One line of the explanation; `points` before any rounding, in points of the score.

    `raw`, `faded` and `clamped` are in points of the rule or attribute: raw + faded + clamped = own points.
    """

    rule_id: str
    points: float
    raw: float
    faded: float = 0.0
    clamped: float = 0.0
    weight: float = 1.0
    count: int = 0
    last_event_at: int | None = None
    half_life_days: float | None = None
    label: str = ""
    group: str = ""


@dataclass(frozen=True)
class Breakdown:
    """A score at one moment and its parts; fit, engagement and grade only where the rulebook has them."""

    score: float
    lines: tuple[Line, ...]
    fit: float | None = None
    engagement: float | None = None
    grade: str = ""
    groups: Mapping[str, float] = field(default_factory=dict)


class Curve(Protocol):
    """The score from a moment on if nothing happens."""

    def score(self, at: int) -> float: ...

    def first(self, low: float, high: float, after: int, until: int) -> int | None:
        """The first whole millisecond in (after, until] at which the score is below `low`, or `high` or more."""


class Scoring(Protocol):
    def breakdown(self, facts: Sequence[Fact], at: int) -> Breakdown: ...

    def curve(self, facts: Sequence[Fact], since: int) -> Curve: ...


def clamp(value: float, cap: Mapping[str, Any] | None) -> float:
    """The value within a cap as written; a part of it that is left out is 0 or 100, no cap at all is no limit."""
    if cap is None:
        return value
    return min(max(value, cap.get("low", 0)), cap.get("high", 100))

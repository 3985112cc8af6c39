"""Results of score models: the score, its breakdown, the change by one event, and the reasons."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis

__all__ = ["Contribution", "Reason", "Score", "ScoreBreakdown", "ScoreChange"]


class Score(Struct, frozen=True, gc=False):
    """A score at one moment.

    Where fit and engagement stand apart, `fit` (None while nothing is known) and `engagement` are 0 to 100 each.
    """

    score: float
    fit: float | None = None
    engagement: float | None = None


class ScoreBreakdown(Struct, frozen=True, gc=False):
    """A total, and what each part gives to it: the `points` sum to `score`."""

    score: float
    points: dict[str, float]
    fit: float | None = None
    engagement: float | None = None


class Contribution(Struct, frozen=True, gc=False, rename="camel"):
    """Points that one event added through one rule, or took by one."""

    rule_id: str
    points: float


class ScoreChange(Struct, frozen=True, gc=False):
    """The effect of one event on a score at one moment: the score without it, with it, and the points it gave by rule."""

    before: float
    after: float
    contributions: tuple[Contribution, ...]


class Reason(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """One line of the explanation. The `points` of all reasons sum to the score.

    All four are in the unit of the score, so that `raw_points` + `faded` + `clamped` = `points`. `raw_points` is what the events
    gave when they happened, before any decay or cap. `clamped` is what the rule's own cap takes (or gives) of its points,
    `faded` what decay has taken (a negative number). `overflowed` says that an event came with a value, or on a day, that the
    rule no longer remembers, so that it may have counted before.
    """

    rule_id: str
    label: str
    points: float
    raw_points: float
    count: int = 0
    last_event_at: Millis | None = None
    group: str = ""
    half_life_days: float | None = None
    clamped: float = 0.0
    faded: float = 0.0
    overflowed: bool = False

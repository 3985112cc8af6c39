"""The risk model `dropout`: MBG/NBD, the probability that a lead has gone cold, given its own rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log
from typing import Literal

from msgspec import Struct
from pydantic import Field, model_validator

from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.risk.estimate import RiskEstimate
from domain.rule_language.description import Block
from domain.rule_language.section import Number, Section
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.words import percent

__all__ = ["MbgNbdRisk", "MbgNbdRiskSection", "MbgNbdState"]

_MAX_DAYS = 60
"""Active days remembered one by one, so that a late event on one of them is not counted again."""


class MbgNbdState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="dropout"):
    """First and last activity, how many days were active, and which ones of late (days since 1970, ascending)."""

    first_at: Millis | None = None
    last_at: Millis | None = None
    active_days: int = 0
    recent_days: tuple[int, ...] = ()


class MbgNbdRisk(Struct, frozen=True):
    """Risk = 1 - P(alive) of the MBG/NBD model (Fader, Hardie and Lee 2005; Batislam et al. 2007).

    x is the number of active days after the first, t_x the days from the first to the last activity, T those from
    the first activity to now. Each lead's daily rate has a Gamma(r, alpha) prior, its chance to drop out after an
    active day a Beta(a, b) one:

        P(alive) = 1 / (1 + a / (b + x) * ((alpha + T) / (alpha + t_x)) ** (r + x))
    """

    r: float
    alpha: float
    a: float
    b: float
    medium_from: float
    high_from: float

    def initial(self) -> MbgNbdState:
        return MbgNbdState()

    def evolve(self, state: MbgNbdState, event: Event) -> MbgNbdState:
        """The state with one more activity, in whatever order they arrive.

        An activity on a day before all that are remembered is not counted once days have been forgotten.
        """
        at, first, last = event.occurred_at, state.first_at, state.last_at
        if first is None or last is None:
            return MbgNbdState(at, at, 1, (at // DAY,))
        day, days, count = at // DAY, state.recent_days, state.active_days
        forgotten = count > len(days)
        if day != days[-1] and day not in days and not (forgotten and day < days[0]):
            days = tuple(sorted((*days, day)))[-_MAX_DAYS:]
            count += 1
        return MbgNbdState(at if at < first else first, at if at > last else last, count, days)

    def estimate(self, state: MbgNbdState, as_of: Millis) -> RiskEstimate:
        """The band, and the probability that the lead has gone cold."""
        first_at, last_at = state.first_at, state.last_at
        if first_at is None or last_at is None:
            return RiskEstimate("high", 1.0)
        last, now = _days(first_at, last_at, as_of)
        risk = 1 - self._alive(state.active_days - 1, last, now)
        if risk >= self.high_from:
            return RiskEstimate("high", risk)
        return RiskEstimate("medium" if risk >= self.medium_from else "low", risk)

    def explain(self, state: MbgNbdState, as_of: Millis) -> str:
        """The risk in words: how long it has been quiet, and how many leads with this rhythm would be."""
        if state.first_at is None or state.last_at is None:
            return "never active"
        last, now = _days(state.first_at, state.last_at, as_of)
        quiet = int(now - last)
        if quiet < 1:
            return "active within the last day"
        share = ((self.alpha + last) / (self.alpha + now)) ** (self.r + state.active_days - 1)
        leads = "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")  # noqa: PLR2004
        return f"quiet {quiet} day{'' if quiet == 1 else 's'}; {leads} of leads with this rhythm would be"

    def _alive(self, x: int, last: float, now: float) -> float:
        """P(alive), by logarithms so that a long silence of a busy lead does not overflow."""
        alpha = self.alpha
        odds = log(self.a / (self.b + x)) + (self.r + x) * log((alpha + now) / (alpha + last))
        return 0.0 if odds > 700 else 1 / (1 + exp(odds))  # noqa: PLR2004 - beyond it exp overflows


class MbgNbdRiskSection(Section):
    """Risk as the probability that the lead has gone cold, judged by its own rhythm.

    Leads are active every `alpha` / `r` days on average before much is known, and one active day in (a + b) / a is the
    last one. Risk is medium from `medium_from` on and high from `high_from` on.
    """

    model: Literal["dropout"]
    r: Number = Field(1, gt=0)
    alpha: Number = Field(7, gt=0, description="Days; alpha / r is the usual time between active days.")
    a: Number = Field(1, gt=0)
    b: Number = Field(3, gt=0)
    medium_from: Number = Field(0.3, gt=0, lt=1)
    high_from: Number = Field(0.6, gt=0, lt=1)

    @model_validator(mode="after")
    def _rising(self) -> MbgNbdRiskSection:
        if self.high_from < self.medium_from:
            raise ValueError("highFrom must not be smaller than mediumFrom")
        return self

    def compile(self) -> MbgNbdRisk:
        """The model in executable form."""
        medium_from, high_from = self.medium_from - TOLERANCE, self.high_from - TOLERANCE
        return MbgNbdRisk(self.r, self.alpha, self.a, self.b, medium_from, high_from)

    def describe(self) -> Iterator[Block]:
        """When a lead is a low, medium or high risk, and what is assumed before its rhythm is known."""
        yield (
            "How likely it is that the lead has gone cold, judged by its own rhythm: a week of silence is "
            "nothing for a lead that comes every fortnight, and much for one that came daily. "
            f"Low below {percent(self.medium_from)}, medium from there, high from {percent(self.high_from)}. "
            f"Before its rhythm is known, a lead is taken to be active every {self.alpha / self.r:.3g} days, "
            f"and to be gone after an active day in {self.a / (self.a + self.b) * 100:.3g} % of cases."
        )


def _days(first_at: Millis, last_at: Millis, as_of: Millis) -> tuple[float, float]:
    """t_x and T."""
    last, now = (last_at - first_at) / DAY, (as_of - first_at) / DAY
    return last, now if now > last else last

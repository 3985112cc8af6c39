"""The risk model `silence`: days without activity, the same for every lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from pydantic import Field, model_validator

from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.risk.estimate import RiskEstimate
from domain.rule_language.description import Block
from domain.rule_language.section import Number, Section
from domain.rule_language.words import days_in_words

__all__ = ["SilenceRisk", "SilenceRiskSection", "SilenceState"]


class SilenceState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="silence"):
    """When the lead was last active, or None if it never was."""

    last_activity_at: Millis | None = None


class SilenceRisk(Struct, frozen=True):
    """Risk by days of silence; a lead that was never active is a high risk."""

    medium_after_days: float
    high_after_days: float

    def initial(self) -> SilenceState:
        return SilenceState()

    def evolve(self, state: SilenceState, event: Event) -> SilenceState:
        last = state.last_activity_at
        return state if last is not None and last >= event.occurred_at else SilenceState(event.occurred_at)

    def estimate(self, state: SilenceState, as_of: Millis) -> RiskEstimate:
        """The band: low, medium or high."""
        if state.last_activity_at is None:
            return RiskEstimate("high")
        days = (as_of - state.last_activity_at) / DAY
        if days > self.high_after_days:
            return RiskEstimate("high")
        return RiskEstimate("medium" if days > self.medium_after_days else "low")

    def explain(self, state: SilenceState, as_of: Millis) -> str:
        """The risk in words."""
        if state.last_activity_at is None:
            return "never active"
        days = max(0, as_of - state.last_activity_at) // DAY
        return (
            "active within the last day" if days == 0 else f"quiet for {days} day{'' if days == 1 else 's'}"
        )


class SilenceRiskSection(Section):
    """Risk by days of silence; a lead that was never active is a high risk."""

    model: Literal["silence"]
    medium_after_days: Number = Field(3, ge=0)
    high_after_days: Number = Field(7, ge=0)

    @model_validator(mode="after")
    def _rising(self) -> SilenceRiskSection:
        if self.high_after_days < self.medium_after_days:
            raise ValueError("highAfterDays must not be smaller than mediumAfterDays")
        return self

    def compile(self) -> SilenceRisk:
        """The model in executable form."""
        return SilenceRisk(self.medium_after_days, self.high_after_days)

    def describe(self) -> Iterator[Block]:
        """When a lead is a medium or high risk."""
        yield (
            f"Medium after more than {days_in_words(self.medium_after_days)} without activity, high after more "
            f"than {days_in_words(self.high_after_days)}; high too for a lead that was never active."
        )

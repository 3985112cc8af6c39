"""An automation: on a change, under a condition, at most once per period, do something."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from pydantic import Field

from domain.automations.actions import Action
from domain.automations.period import AnyPeriod, Period, compile_period, describe_period
from domain.automations.trigger import CompiledTrigger, LeadChange, ShallowChange
from domain.automations.triggers import AnyTrigger
from domain.decisions.condition import Condition, ConditionSection
from domain.decisions.outcome import OPEN, OutcomeRules
from domain.instant import HOUR
from domain.rule_language.description import Entry
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.words import hours_in_words

__all__ = ["Automation", "AutomationSection", "Fact"]


_NO_OUTCOMES = OutcomeRules()

Fact = str | float | bool
"""A plain value, as stored with an execution."""


class Automation(Struct, frozen=True):
    """An automation in executable form; `action` is data whose texts are not filled in yet."""

    id: str
    trigger: CompiledTrigger
    when: Condition
    min_score: float | None
    period: Period
    max_age: float
    """Milliseconds. An event that is older on arrival fires nothing."""
    action: dict[str, Fact]

    def could_fire(self, change: ShallowChange) -> bool:
        """A cheap pre-check: False means that no full assessment before and after is needed."""
        stages = self.when.stages
        return (stages is None or change.stage_after in stages) and self.trigger.could_fire(change)

    def fires(self, change: LeadChange) -> bool:
        """Whether the change fires it."""
        event = change.event
        return (
            self.trigger.fires(change)
            and (self.min_score is None or change.after.score >= self.min_score - TOLERANCE)
            and self.when.holds(change.after)
            and event.received_at - event.occurred_at <= self.max_age
        )


class AutomationSection(Section):
    """A rule of the rulebook: on a change, under a condition, at most once per period, do something."""

    id: Slug
    trigger: AnyTrigger
    when: ConditionSection = ConditionSection()
    min_score: Number | None = None
    period: AnyPeriod = "day"
    max_age_hours: Number = Field(72, gt=0, description="An event older than this on arrival fires nothing.")
    action: Action
    enabled: bool = True

    def compile(
        self, stages: Sequence[str], outcome: OutcomeRules = _NO_OUTCOMES, timezone: str = "UTC"
    ) -> Automation:
        """The automation in executable form.

        Without an `outcome` in its condition it fires for open leads, and for those of the outcome that its trigger names
        the events of. `stages` are those of the rulebook, from the lowest to the highest.
        """
        named = {outcome.by_type[name] for name in self.trigger.event_types if name in outcome.by_type}
        return Automation(
            self.id,
            self.trigger.compile(stages),
            self.when.compile({OPEN, *named}),
            self.min_score,
            compile_period(self.period, timezone),
            self.max_age_hours * HOUR,
            self.action.model_dump(by_alias=True),
        )

    def describe(self) -> Entry:
        """The change that fires it, its action, and how often it may fire."""
        often = describe_period(self.period)
        late = hours_in_words(self.max_age_hours)
        return Entry(
            f"{self.id}{'' if self.enabled else ' (switched off)'}",
            (
                f"When {self.trigger.describe()}{self._limits()}: {self.action.describe()}.",
                f"{often}; not if the event comes in more than {late} late.",
            ),
        )

    def _limits(self) -> str:
        """The conditions besides the trigger."""
        limits = [self.when.describe_lead()] if not self.when.is_empty else []
        if self.min_score is not None:
            limits.append(f"has score at least {self.min_score:g}")
        return f", if it then {' and '.join(limits)}" if limits else ""

"""An automation: on a change, under a condition, at most once per period, do something."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field

from domain.automations.actions import Action
from domain.automations.trigger import Change, ShallowChange
from domain.automations.triggers import AnyTrigger
from domain.decisions.condition import Condition
from domain.instant import HOUR, Period
from domain.rule_language.section import Number, Section, Slug

__all__ = ["Automation", "Fact"]

_TOLERANCE = 1e-9
"""Points, as in `domain.decisions.condition`."""


Fact = str | float | bool
"""A plain value, as stored with an execution."""


class Automation(Section):
    """A rule of the rulebook: on a change, under a condition, at most once per period, do something."""

    id: Slug
    trigger: AnyTrigger
    when: Condition = Condition()
    min_score: Number | None = None
    period: Period = "day"
    max_age_hours: Number = Field(72, gt=0, description="An event older than this on arrival fires nothing.")
    action: Action
    enabled: bool = True

    def could_fire(self, change: ShallowChange) -> bool:
        """A cheap pre-check: False means that no full assessment before and after is needed."""
        return (
            self.enabled
            and (self.when.stage is None or change.stage_after in self.when.stage)
            and self.trigger.could_fire(change)
        )

    @cached_property
    def action_fields(self) -> dict[str, Fact]:
        """The action as data, its texts not filled in."""
        return self.action.model_dump(by_alias=True)

    def fires(self, change: Change) -> bool:
        """Whether the change fires this rule."""
        event = change.event
        return (
            self.enabled
            and self.trigger.fires(change)
            and (self.min_score is None or change.after.score >= self.min_score - _TOLERANCE)
            and self.when.holds(change.after)
            and event.received_at - event.occurred_at <= self.max_age_hours * HOUR
        )

"""Triggers that compare what is measured before and after an event: risk, velocity, surge and next action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from domain.automations.trigger import LeadChange, ShallowChange, Trigger
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names, Number
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.words import any_of

__all__ = ["NextActionBecomes", "RiskEntered", "SurgeBegins", "VelocityAbove"]


class _MeasureTrigger(Trigger):
    """Any event can move what is measured, so that only the measurement itself shows whether it fires."""

    watches_measures: ClassVar[bool] = True
    watches_stage_and_risk_only: ClassVar[bool] = False

    def could_fire(self, change: ShallowChange) -> bool:  # noqa: ARG002 - nothing of it is known yet
        return True


class RiskEntered(_MeasureTrigger):
    """Fires when the lead's risk of going cold becomes one of these bands."""

    watches_stage_and_risk_only: ClassVar[bool] = True

    risk_entered: Names

    def could_fire(self, change: ShallowChange) -> bool:
        return change.risk_before != change.risk_after and change.risk_after in self.risk_entered

    def fires(self, change: LeadChange) -> bool:
        before, after = change.before.risk, change.after.risk
        return before != after and after in self.risk_entered

    def describe(self) -> str:
        return f"its risk becomes {any_of(self.risk_entered)}"

    def references(self) -> Iterator[Reference]:
        yield Reference("risk band", self.risk_entered, ("riskEntered",))


class VelocityAbove(_MeasureTrigger):
    """Fires when the lead's velocity rises above this value."""

    velocity_above: Number = Field(ge=0)

    def fires(self, change: LeadChange) -> bool:
        line = self.velocity_above + TOLERANCE
        return change.before.velocity <= line < change.after.velocity

    def describe(self) -> str:
        return f"its velocity rises above {self.velocity_above:g}"


class SurgeBegins(_MeasureTrigger):
    """Fires when a surge begins: far more activity than is usual for the lead."""

    surge: Literal[True]

    def fires(self, change: LeadChange) -> bool:
        return change.after.surge and not change.before.surge

    def describe(self) -> str:
        return "a surge begins"


class NextActionBecomes(_MeasureTrigger):
    """Fires when the lead's next action becomes one of these."""

    next_action: Names

    def fires(self, change: LeadChange) -> bool:
        before, after = change.before.next_action, change.after.next_action
        return before != after and after in self.next_action

    def describe(self) -> str:
        return f"its next action becomes {any_of(self.next_action)}"

"""What fires when a lead changes, at most once for each period of the moment that caused it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field, model_validator

from domain.event import Event
from domain.instant import HOUR, Period, date_bucket
from domain.reading import Condition, Names, Reading, Section, Slug

__all__ = ["Action", "Automation", "Firing", "TagAction", "TaskAction", "Trigger", "firings"]

_PLACEHOLDERS = ("leadId", "stage", "score", "velocity", "risk", "nextAction", "eventType")


class TaskAction(Section):
    """Put a task on the reps' list."""

    type: Literal["task"]
    title: str = Field(min_length=1, max_length=200)
    due_in_hours: float = Field(24, gt=0, le=24 * 365)
    priority: Literal["low", "normal", "high"] = "normal"


class TagAction(Section):
    """Put a tag on the lead."""

    type: Literal["tag"]
    tag: Slug


Action = Annotated[TaskAction | TagAction, Field(discriminator="type")]


class Trigger(Section):
    """The one kind of change that fires an automation."""

    stage_entered: Names | None = None
    stage_left: Names | None = None
    risk_entered: Names | None = None
    velocity_above: float | None = Field(None, ge=0)
    event: Names | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Trigger:
        if self.said != 1:
            raise ValueError("say exactly one of stageEntered, stageLeft, riskEntered, velocityAbove, event")
        return self

    def fires(self, before: Reading, after: Reading, event: Event) -> bool:
        """Whether this event, which took the lead from `before` to `after`, is the change meant."""
        if self.event is not None:
            return event.type in self.event
        if self.stage_entered is not None:
            return before.stage != after.stage and after.stage in self.stage_entered
        if self.stage_left is not None:
            return before.stage != after.stage and before.stage in self.stage_left
        if self.risk_entered is not None:
            return before.risk != after.risk and after.risk in self.risk_entered
        return self.velocity_above is not None and before.velocity <= self.velocity_above < after.velocity


class Automation(Section):
    """A rule of the rulebook: on a change, under a condition, at most once a period, do something."""

    id: Slug
    trigger: Trigger
    when: Condition = Condition()
    min_score: float | None = None
    period: Period = "day"
    max_age_hours: float = Field(72, gt=0, description="An event older than this on arrival fires nothing.")
    action: Action
    enabled: bool = True

    def fires(self, before: Reading, after: Reading, event: Event) -> bool:
        """Whether the event fires this rule."""
        return (
            self.enabled
            and self.trigger.fires(before, after, event)
            and (self.min_score is None or after.score >= self.min_score)
            and self.when.holds(after)
            and event.received_at - event.occurred_at <= self.max_age_hours * HOUR
        )


class Firing(Struct, frozen=True, kw_only=True, rename="camel"):
    """An automation that is to run: unique by lead, rule and date bucket."""

    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    action: dict[str, str | float | bool]


def firings(
    automations: tuple[Automation, ...], before: Reading, after: Reading, event: Event
) -> tuple[Firing, ...]:
    """The automations that this event fires. The bucket comes from the event, never from a clock."""
    return tuple(
        Firing(
            lead_id=event.lead_id,
            rule_id=automation.id,
            date_bucket=date_bucket(automation.period, event.occurred_at),
            cause_position=event.position,
            action=_filled_in(automation.action, after, event),
        )
        for automation in automations
        if automation.fires(before, after, event)
    )


def _filled_in(action: TaskAction | TagAction, after: Reading, event: Event) -> dict[str, str | float | bool]:
    """The action as data, with `{leadId}` and the like replaced in its texts."""
    facts = {
        "leadId": event.lead_id,
        "stage": after.stage,
        "score": f"{after.score:g}",
        "velocity": f"{after.velocity:g}",
        "risk": after.risk,
        "nextAction": after.next_action,
        "eventType": event.type,
    }
    filled: dict[str, str | float | bool] = action.model_dump(by_alias=True)
    for field, value in filled.items():
        if isinstance(value, str):
            for name in _PLACEHOLDERS:
                value = value.replace(f"{{{name}}}", facts[name])  # noqa: PLW2901
            filled[field] = value
    return filled

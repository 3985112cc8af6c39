"""What fires when a lead changes, at most once for each period of the moment that caused it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field, model_validator

from domain.event import Event
from domain.instant import HOUR, Period, date_bucket
from domain.reading import Condition, Names, Reading, Section, Slug

__all__ = [
    "Action",
    "Automation",
    "EventAction",
    "Fact",
    "Firing",
    "TagAction",
    "TaskAction",
    "Trigger",
    "WebhookAction",
    "firings",
]


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


class WebhookAction(Section):
    """Tell every webhook endpoint that listens to `event` about the lead."""

    type: Literal["webhook"]
    event: str = Field(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$", max_length=100)


class EventAction(Section):
    """Append an event of our own to the lead's stream, for other automations and for history."""

    type: Literal["event"]
    event: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*$", max_length=100)


Action = Annotated[TaskAction | TagAction | WebhookAction | EventAction, Field(discriminator="type")]


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


Fact = str | float | bool
"""A plain value, as stored with an execution."""


class Firing(Struct, frozen=True, kw_only=True, rename="camel"):
    """An automation that is to run: unique by lead, rule and date bucket.

    `facts` say what the lead was like then, for actions that tell others.
    """

    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    action: dict[str, Fact]
    facts: dict[str, Fact]


def firings(
    automations: tuple[Automation, ...], before: Reading, after: Reading, event: Event
) -> tuple[Firing, ...]:
    """The automations that this event fires. The bucket comes from the event, never from a clock."""
    fired = [automation for automation in automations if automation.fires(before, after, event)]
    if not fired:
        return ()
    facts = _facts(before, after, event)
    return tuple(
        Firing(
            lead_id=event.lead_id,
            rule_id=automation.id,
            date_bucket=date_bucket(automation.period, event.occurred_at),
            cause_position=event.position,
            action=_filled_in(automation.action, facts),
            facts=facts,
        )
        for automation in fired
    )


def _facts(before: Reading, after: Reading, event: Event) -> dict[str, Fact]:
    """What texts may name in braces, and what webhooks tell."""
    return {
        "leadId": event.lead_id,
        "stage": after.stage,
        "stageBefore": before.stage,
        "score": after.score,
        "velocity": after.velocity,
        "risk": after.risk,
        "nextAction": after.next_action,
        "eventType": event.type,
        "eventId": event.event_id,
    }


def _filled_in(action: Action, facts: dict[str, Fact]) -> dict[str, Fact]:
    """The action as data, with `{leadId}` and the like replaced in its texts, in one pass."""

    def fact(name: re.Match[str]) -> str:
        value = facts.get(name[1], name[0])
        return f"{value:g}" if isinstance(value, float) else str(value)

    filled: dict[str, Fact] = action.model_dump(by_alias=True)
    return {
        field: re.sub(r"\{(\w+)\}", fact, value) if isinstance(value, str) else value
        for field, value in filled.items()
    }

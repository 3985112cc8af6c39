"""What fires when a lead changes, at most once for each period of the moment that caused it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field, model_validator

from domain.decisions.assessment import Assessment
from domain.decisions.condition import Condition
from domain.events.event import Event
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import DAY, HOUR, Millis, Period, date_bucket
from domain.rule_language.section import Names, Number, Section, Slug

__all__ = [
    "Action",
    "Automation",
    "Change",
    "EventAction",
    "Fact",
    "Firing",
    "ShallowChange",
    "TagAction",
    "TaskAction",
    "Trigger",
    "WebhookAction",
    "firings",
]


_TOLERANCE = 1e-9
"""Points, as in `domain.decisions.assessment`."""


class TaskAction(Section):
    """Put a task on the reps' list."""

    type: Literal["task"]
    title: str = Field(min_length=1, max_length=200)
    due_in_hours: Number = Field(24, gt=0, le=24 * 365)
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


class Change(Struct, frozen=True):
    """What one event did: how the lead was just before it and how it is now.

    `quiet_since` is the lead's last activity, `written_at` up to when time had been written down before, `drop_at`
    when the lead will fall a stage if nothing happens; they are worked out only for events of the decay job.
    """

    event: Event
    before: Assessment
    after: Assessment
    quiet_since: Millis | None = None
    written_at: Millis = 0
    drop_at: Millis | None = None


class ShallowChange(Struct, frozen=True):
    """What is known of a change before everything is measured."""

    event_type: str
    stage_before: str
    stage_after: str
    risk_before: str
    risk_after: str


class Trigger(Section):
    """The one kind of change that fires an automation."""

    stage_entered: Names | None = None
    stage_left: Names | None = None
    risk_entered: Names | None = None
    velocity_above: Number | None = Field(None, ge=0)
    surge: Literal[True] | None = None
    next_action: Names | None = None
    event: Names | None = None
    quiet_for_days: Number | None = Field(None, gt=0)
    drop_within_days: Number | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _is_one(self) -> Trigger:
        if self.said != 1:
            kinds = ", ".join(field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"say exactly one of {kinds}")
        return self

    @property
    def is_of_time(self) -> bool:
        """Whether only the passing of time fires it, seen by the events of the decay job."""
        return self.quiet_for_days is not None or self.drop_within_days is not None

    @property
    def is_of_measures(self) -> bool:
        """Whether a change of pace, risk or next action fires it, which only measuring them can tell."""
        return (
            not self.is_of_time
            and self.event is None
            and self.stage_entered is None
            and self.stage_left is None
        )

    def could_fire(self, shift: ShallowChange) -> bool:
        """Whether it can fire at all, told by what is known before everything is measured."""
        if self.event is not None:
            return shift.event_type in self.event
        if self.risk_entered is not None:
            return shift.risk_before != shift.risk_after and shift.risk_after in self.risk_entered
        if self.stage_entered is not None:
            return shift.stage_before != shift.stage_after and shift.stage_after in self.stage_entered
        if self.stage_left is not None:
            return shift.stage_before != shift.stage_after and shift.stage_before in self.stage_left
        return shift.event_type == SCORE_DECAYED or not self.is_of_time

    def fires(self, change: Change) -> bool:  # noqa: PLR0911 - one return a kind of trigger
        """Whether this is the change meant."""
        before, after = change.before, change.after
        if self.event is not None:
            return change.event.type in self.event
        if self.stage_entered is not None:
            return before.stage != after.stage and after.stage in self.stage_entered
        if self.stage_left is not None:
            return before.stage != after.stage and before.stage in self.stage_left
        if self.risk_entered is not None:
            return before.risk != after.risk and after.risk in self.risk_entered
        if self.next_action is not None:
            return before.next_action != after.next_action and after.next_action in self.next_action
        if self.surge is not None:
            return after.surge and not before.surge
        return self._crosses(change)

    def _crosses(self, change: Change) -> bool:
        """Whether a measure has crossed its mark."""
        if self.velocity_above is not None:
            return change.before.velocity <= self.velocity_above < change.after.velocity
        if change.event.type != SCORE_DECAYED:
            return False
        if self.quiet_for_days is not None:
            mark = round(self.quiet_for_days * DAY)
            return (
                change.quiet_since is not None
                and change.written_at < change.quiet_since + mark <= change.after.at
            )
        soon = round((self.drop_within_days or 0) * DAY)
        return change.drop_at is not None and change.drop_at - change.after.at <= soon


class Automation(Section):
    """A rule of the rulebook: on a change, under a condition, at most once a period, do something."""

    id: Slug
    trigger: Trigger
    when: Condition = Condition()
    min_score: Number | None = None
    period: Period = "day"
    max_age_hours: Number = Field(72, gt=0, description="An event older than this on arrival fires nothing.")
    action: Action
    enabled: bool = True

    def could_fire(self, shift: ShallowChange) -> bool:
        """Whether such a change can fire this rule at all; false spares the fold to measure everything else."""
        return (
            self.enabled
            and (self.when.stage is None or shift.stage_after in self.when.stage)
            and self.trigger.could_fire(shift)
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


def firings(automations: Iterable[Automation], change: Change) -> tuple[Firing, ...]:
    """The automations that this change fires. The bucket comes from the event, never from a clock."""
    fired = [automation for automation in automations if automation.fires(change)]
    if not fired:
        return ()
    event, facts = change.event, _facts(change)
    return tuple(
        Firing(
            lead_id=event.lead_id,
            rule_id=automation.id,
            date_bucket=date_bucket(automation.period, event.occurred_at),
            cause_position=event.position,
            action=_filled_in(automation.action_fields, facts),
            facts=facts,
        )
        for automation in fired
    )


def _facts(change: Change) -> dict[str, Fact]:
    """What texts may name in braces, and what webhooks tell."""
    event, after = change.event, change.after
    facts: dict[str, Fact] = {
        "leadId": event.lead_id,
        "stage": after.stage,
        "stageBefore": change.before.stage,
        "score": after.score,
        "velocity": after.velocity,
        "risk": after.risk,
        "nextAction": after.next_action,
        "eventType": event.type,
        "eventId": event.event_id,
    }
    return facts | ({"grade": after.grade} if after.grade else {})


def _filled_in(fields: dict[str, Fact], facts: dict[str, Fact]) -> dict[str, Fact]:
    """The action as data, with `{leadId}` and the like replaced in its texts, in one pass."""

    def fact(name: re.Match[str]) -> str:
        value = facts.get(name[1], name[0])
        return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

    return {
        field: re.sub(r"\{(\w+)\}", fact, value) if isinstance(value, str) and "{" in value else value
        for field, value in fields.items()
    }

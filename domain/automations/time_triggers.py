"""Triggers that the passing of time alone fires, recorded by the events of the decay job."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from pydantic import Field

from domain.automations.trigger import LeadChange, Outlook, ShallowChange, Trigger
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import DAY, Millis
from domain.rule_language.section import Number
from domain.rule_language.words import days_in_words

__all__ = ["DropWithin", "QuietFor", "TimeTrigger"]


class TimeTrigger(Trigger):
    """Fires at a decay event once the lead's outlook has reached a moment."""

    needs_forecast: ClassVar[bool] = False
    """Whether the outlook must say when the lead will fall a stage."""

    @property
    def event_types(self) -> tuple[str, ...]:
        return (SCORE_DECAYED,)

    def could_fire(self, change: ShallowChange) -> bool:
        return change.event_type == SCORE_DECAYED

    def fires(self, change: LeadChange) -> bool:
        return change.outlook is not None and self.is_reached(change.outlook, change.after.at)

    @abstractmethod
    def due_at(self, outlook: Outlook) -> Millis | None:
        """The moment that it waits for; None if no time will bring it."""

    @abstractmethod
    def is_reached(self, outlook: Outlook, at: Millis) -> bool:
        """Whether a decay event at `at` fires it."""

    @abstractmethod
    def is_unrecorded(self, outlook: Outlook, at: Millis) -> bool:
        """Whether its moment has come by `at` and no decay event has recorded it, so that one is worth appending."""


class QuietFor(TimeTrigger):
    """Fires when the lead has been without activity for so many days."""

    quiet_for_days: Number = Field(gt=0)

    def due_at(self, outlook: Outlook) -> Millis | None:
        if outlook.quiet_since is None:
            return None
        return outlook.quiet_since + round(self.quiet_for_days * DAY)

    def is_reached(self, outlook: Outlook, at: Millis) -> bool:
        due = self.due_at(outlook)
        return due is not None and outlook.recorded_until < due <= at

    def is_unrecorded(self, outlook: Outlook, at: Millis) -> bool:
        return self.is_reached(outlook, at)

    def describe(self) -> str:
        return f"it has been quiet for {days_in_words(self.quiet_for_days)}"


class DropWithin(TimeTrigger):
    """Fires when the lead will fall a stage within so many days if nothing happens."""

    needs_forecast: ClassVar[bool] = True
    watches_stage_and_risk_only: ClassVar[bool] = False
    """Once it is reached, each further record of the passing of time fires it, once per period."""

    drop_within_days: Number = Field(gt=0)

    def due_at(self, outlook: Outlook) -> Millis | None:
        return None if outlook.drop_at is None else outlook.drop_at - round(self.drop_within_days * DAY)

    def is_reached(self, outlook: Outlook, at: Millis) -> bool:
        due = self.due_at(outlook)
        return due is not None and due <= at

    def is_unrecorded(self, outlook: Outlook, at: Millis) -> bool:
        """Recorded is what a decay event since the last activity has seen: each activity moves the drop."""
        due, recorded = self.due_at(outlook), outlook.recorded_until
        if due is None or outlook.quiet_since is None or due > at:
            return False
        return recorded <= outlook.quiet_since or recorded < due

    def describe(self) -> str:
        return f"it will fall a stage within {days_in_words(self.drop_within_days)}"

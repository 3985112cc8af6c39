"""The trigger that fires on events by their type."""

from __future__ import annotations

from domain.automations.trigger import LeadChange, ShallowChange, Trigger
from domain.rule_language.section import Names
from domain.rule_language.words import any_of

__all__ = ["EventHappens"]


class EventHappens(Trigger):
    """Fires on each event of one of these types that no machine caused."""

    event: Names

    @property
    def event_types(self) -> tuple[str, ...]:
        return self.event

    def could_fire(self, change: ShallowChange) -> bool:
        return change.event_type in self.event

    def fires(self, change: LeadChange) -> bool:
        return change.event.type in self.event and not change.event.is_automated

    def describe(self) -> str:
        return f"{any_of(self.event)} happens"

"""All automations of a rulebook, indexed so that most events need not be compared with any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from domain.automations.automation import Automation, AutomationSection
from domain.automations.time_triggers import TimeTrigger
from domain.decisions.outcome import OutcomeRules

__all__ = ["Automations", "compile_automations"]


class Automations(Struct, frozen=True):
    """The automations that are switched on, in the order of the rulebook."""

    rules: tuple[Automation, ...]
    event_types: frozenset[str]
    """The types of events that can fire one whatever they do to the lead."""
    watched_stages: frozenset[str]
    """The stages in which one compares what is measured."""
    time_triggers: tuple[TimeTrigger, ...]
    """The triggers that the passing of time alone fires."""
    needs_forecast: bool
    """Whether one of these depends on when the lead will fall a stage."""
    watch_stage_and_risk_only: bool
    """Whether records of the passing of time that change neither make no difference to any."""

    def may_trigger(self, event_type: str, stage_before: str, stage_after: str) -> bool:
        """Whether such an event may fire any; few may."""
        return (
            event_type in self.event_types
            or stage_before != stage_after
            or stage_after in self.watched_stages
        )


def compile_automations(
    sections: Iterable[AutomationSection],
    stages: Sequence[str],
    outcome: OutcomeRules,
    timezone: str = "UTC",
) -> Automations:
    """The automations of a rulebook that has these stages, events of outcomes and time zone."""
    rules = tuple(section.compile(stages, outcome, timezone) for section in sections if section.enabled)
    time_triggers = tuple(rule.trigger for rule in rules if isinstance(rule.trigger, TimeTrigger))
    return Automations(
        rules=rules,
        event_types=frozenset(name for rule in rules for name in rule.trigger.event_types),
        watched_stages=frozenset(
            stage for rule in rules if rule.trigger.watches_measures for stage in rule.when.stages or stages
        ),
        time_triggers=time_triggers,
        needs_forecast=any(trigger.needs_forecast for trigger in time_triggers),
        watch_stage_and_risk_only=all(rule.trigger.watches_stage_and_risk_only for rule in rules),
    )

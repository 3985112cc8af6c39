"""The decision table and the automations of a rulebook, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from domain.decisions.automation import Action, Automation, EventAction, TagAction, TaskAction, Trigger
from domain.decisions.next_action import DecisionRow
from scripts.explain.conditions import any_of, condition_in_words
from scripts.explain.points import table
from scripts.terminal.durations import days_in_words, hours_in_words

__all__ = ["automations_in_words", "decisions_in_words"]


def decisions_in_words(rows: Sequence[DecisionRow]) -> Iterator[RenderableType]:
    """The rows in the order in which they are tried."""
    yield "The first line that fits the lead decides:"
    decisions = table("If the lead is", "then", "because")
    for row in rows:
        decisions.add_row(
            condition_in_words(row.when) or "anything else", Text(row.action, no_wrap=True), row.because
        )
    yield decisions


def automations_in_words(automations: Sequence[Automation]) -> Iterator[RenderableType]:
    """What fires each automation, how often it may, and what it does."""
    if not automations:
        yield "There are none."
    for rule in automations:
        yield Text(f"{rule.id}{'' if rule.enabled else ' (switched off)'}", style="bold")
        for line in _automation(rule):
            yield Padding(Text(line), (0, 0, 0, 2))


def _automation(rule: Automation) -> Iterator[str]:
    yield f"When {_trigger(rule.trigger)}{_limits(rule)}: {_action(rule.action)}."
    often = "Once for each lead" if rule.period == "once" else f"At most once a {rule.period}"
    yield f"{often}; not if the event comes in more than {hours_in_words(rule.max_age_hours)} late."


def _trigger(trigger: Trigger) -> str:  # noqa: PLR0911 - one return a kind of trigger
    if trigger.stage_entered is not None:
        return f"the lead enters {any_of(trigger.stage_entered)}"
    if trigger.stage_left is not None:
        return f"the lead leaves {any_of(trigger.stage_left)}"
    if trigger.risk_entered is not None:
        return f"its risk becomes {any_of(trigger.risk_entered)}"
    if trigger.velocity_above is not None:
        return f"its velocity rises above {trigger.velocity_above:g}"
    if trigger.surge is not None:
        return "a surge begins"
    if trigger.next_action is not None:
        return f"its next action becomes {any_of(trigger.next_action)}"
    if trigger.event is not None:
        return f"{any_of(trigger.event)} happens"
    if trigger.quiet_for_days is not None:
        return f"it has been quiet for {days_in_words(trigger.quiet_for_days)}"
    return f"it will fall a stage within {days_in_words(trigger.drop_within_days or 0)}"


def _limits(rule: Automation) -> str:
    """The conditions besides the trigger."""
    limits = [condition_in_words(rule.when)] if not rule.when.is_empty else []
    if rule.min_score is not None:
        limits.append(f"score at least {rule.min_score:g}")
    return f", if it is then {', '.join(limits)}" if limits else ""


def _action(action: Action) -> str:
    if isinstance(action, TaskAction):
        return f'a task "{action.title}", due in {hours_in_words(action.due_in_hours)}, priority {action.priority}'
    if isinstance(action, TagAction):
        return f"the tag {action.tag}"
    if isinstance(action, EventAction):
        return f"an event {action.event} in the lead's stream"
    return f"a webhook {action.event}"

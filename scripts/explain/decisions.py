"""The decision table and the automations of a rulebook, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from domain.automations.automation import Automation
from domain.decisions.next_action import DecisionRow
from domain.rule_language.words import hours_in_words
from scripts.explain.points import table

__all__ = ["automations_in_words", "decisions_in_words"]


def decisions_in_words(rows: Sequence[DecisionRow]) -> Iterator[RenderableType]:
    """The rows in the order in which they are tried."""
    yield "The first line that fits the lead decides:"
    decisions = table("If the lead is", "then", "because")
    for row in rows:
        decisions.add_row(row.when.describe() or "anything else", Text(row.action, no_wrap=True), row.because)
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
    yield f"When {rule.trigger.describe()}{_limits(rule)}: {rule.action.describe()}."
    often = "Once for each lead" if rule.period == "once" else f"At most once a {rule.period}"
    yield f"{often}; not if the event comes in more than {hours_in_words(rule.max_age_hours)} late."


def _limits(rule: Automation) -> str:
    """The conditions besides the trigger."""
    limits = [rule.when.describe()] if not rule.when.is_empty else []
    if rule.min_score is not None:
        limits.append(f"score at least {rule.min_score:g}")
    return f", if it is then {', '.join(limits)}" if limits else ""

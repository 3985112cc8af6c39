"""Goals of a rulebook: an outcome that a lead may reach within a horizon, which prediction learns to foretell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct
from pydantic import Field

from domain.decisions.outcome import OutcomeName, OutcomeRules
from domain.instant import DAY, Millis
from domain.rule_language.description import Block
from domain.rule_language.section import Section, Slug

__all__ = ["MOST_GOALS", "WIN", "Goal", "GoalSection", "KnownEvent", "describe_goals"]

MOST_GOALS = 8
"""In a rulebook: each has models of its own."""


class KnownEvent(NamedTuple):
    """The type of an event and the moment from which it was known to us."""

    known_at: Millis
    type: str


class Goal(Struct, frozen=True, rename="camel"):
    """An outcome that a lead may reach within `horizon_days` of a moment."""

    name: str
    outcome: OutcomeName
    horizon_days: int

    @property
    def horizon(self) -> Millis:
        """The horizon in milliseconds."""
        return self.horizon_days * DAY

    def is_reached(self, events: Iterable[KnownEvent], at: Millis, rules: OutcomeRules) -> bool:
        """Whether the first decision that became known after `at`, within the horizon, is this outcome.

        `events` are those of the lead, in the order in which they became known.
        """
        for event in events:
            if event.known_at > at + self.horizon:
                return False
            if event.known_at > at and (outcome := rules.by_type.get(event.type)) not in {None, "open"}:
                return outcome == self.outcome
        return False


WIN = Goal("win", "won", 90)
"""The goal of a rulebook that names none."""


class GoalSection(Section):
    """An outcome that a lead may reach within so many days: probabilities of it are learnt and shown under the name."""

    name: Slug
    outcome: Literal["won", "lost", "disqualified"]
    horizon_days: int = Field(90, ge=1, le=730)

    def compile(self) -> Goal:
        """The goal in executable form."""
        return Goal(self.name, self.outcome, self.horizon_days)


def describe_goals(goals: Sequence[Goal]) -> Iterator[Block]:
    """The probabilities that are learnt."""
    for goal in goals:
        yield f"'{goal.name}' is how likely a lead is to be {goal.outcome} within {goal.horizon_days} days."
    if not goals:
        yield "No probability is learnt."

"""Goals of prediction: an outcome within a horizon, and how a lead has ended as far as it was known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from domain.decisions.outcome import OutcomeName, OutcomeRules
from domain.instant import DAY, Millis

__all__ = ["WIN", "Goal", "KnownEvent"]


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
"""The goal of a rulebook that says which events win a lead."""

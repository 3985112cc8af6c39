"""The events of a lead as the calculation reads them, and the order in which they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ENGINE = "lead-engine"
ABOUT_A_LEAD = frozenset(
    {"lead.updated", "note.added", "stage.set", "stage.cleared", "tag.added", "tag.removed"}
)
"""Types that say something about a lead without the lead having done anything."""
READ_IN_A_REPLY = "reply.classified"
"""What the engine has read in a reply: no activity, though rules may score it."""

JUDGED_A_REPLY = "reply.judged"
"""What a person has said that a reply is; a word of the engine's own stream, and no activity either."""


@dataclass(frozen=True)
class Fact:
    """One event as a sender wrote it; moments in milliseconds since 1970."""

    type: str
    occurred_at: int
    received_at: int
    position: int
    source: str = "web"
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> int:
        """When it counts: when it occurred, but never after it was received."""
        return min(self.occurred_at, self.received_at)

    @property
    def counts(self) -> bool:
        """Whether rules may score it: neither bookkeeping nor the engine's own, but for what it reads in replies."""
        return self.is_of_the_lead or (self.source == ENGINE and self.type == READ_IN_A_REPLY)

    @property
    def is_of_the_lead(self) -> bool:
        return self.source != ENGINE and self.type not in ABOUT_A_LEAD


def in_order_of_time(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.at, fact.position))


def activities(facts: Iterable[Fact], rulebook: Mapping[str, Any]) -> list[Fact]:
    """What the lead itself did: all that counts but our own actions."""
    ours = rulebook.get("contact", {}).get("ourActions", ())
    return [fact for fact in facts if fact.is_of_the_lead and fact.type not in ours]


def one_or_many(value: Any) -> list[Any]:
    """Where a list of names is asked for, one name may stand alone."""
    return list(value) if isinstance(value, list | tuple) else [value]

"""Contact and next action: who waits for an answer, who must not be contacted, and the first row that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.facts import ENGINE, Fact, one_or_many

DO_NOT_CONTACT = "do_not_contact"


@dataclass(frozen=True)
class Contact:
    open_conversation: bool
    suppressed: bool


def contact(rulebook: Mapping[str, Any], facts: Sequence[Fact]) -> Contact:
    """The last event that says something about it decides, of facts in order of time."""
    section = rulebook.get("contact", {})
    said = [fact.type for fact in facts if fact.source != ENGINE]

    def is_on(on: str, off: str) -> bool:
        last = next((t for t in reversed(said) if t in (*section.get(on, ()), *section.get(off, ()))), None)
        return last in section.get(on, ())

    return Contact(is_on("opensConversation", "closesConversation"), is_on("suppresses", "releases"))


@dataclass(frozen=True)
class Decision:
    """The next action, and why as the row says; None for an action that no row gives."""

    action: str
    because: str | None


def decide(rulebook: Mapping[str, Any], measured: Mapping[str, Any]) -> Decision:
    """The first row all of whose conditions hold for what was measured, by the names that conditions have."""
    if measured["suppressed"]:
        return Decision(DO_NOT_CONTACT, None)
    fitting = (
        row
        for row in rulebook["nextAction"]
        if all(_holds(wanted, measured[name]) for name, wanted in row.get("when", {}).items())
    )
    row = next(fitting)
    return Decision(row["action"], row.get("because", ""))


def _holds(wanted: Any, value: Any) -> bool:
    if value is None or value == "":
        return False
    if isinstance(wanted, dict):
        return all(_BOUNDS[name](value, bound) for name, bound in wanted.items())
    return value in one_or_many(wanted)


_BOUNDS = {
    "above": lambda value, bound: value > bound,
    "atLeast": lambda value, bound: value >= bound,
    "below": lambda value, bound: value < bound,
    "atMost": lambda value, bound: value <= bound,
}

"""The next action: the first row of the rulebook whose conditions hold for what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.contact import Contact
from tests.reference.calculation.facts import one_or_many
from tests.reference.calculation.outcome import OPEN

DO_NOT_CONTACT = "do_not_contact"
NONE = "none"


@dataclass(frozen=True)
class Decision:
    """The next action, and why as the row says; None for an action that no row gives."""

    action: str
    because: str | None


@dataclass(frozen=True)
class Measured:
    """What conditions ask about, `numbers_and_names` by the names that they have in a rulebook."""

    numbers_and_names: Mapping[str, Any]
    contact: Contact
    outcome: str


def decide(rulebook: Mapping[str, Any], measured: Measured) -> Decision:
    if measured.contact.suppressed:
        return Decision(DO_NOT_CONTACT, None)
    rows = (row for row in rulebook["nextAction"] if fits(row.get("when", {}), measured))
    row = next(rows, None)
    return Decision(row["action"], row.get("because", "")) if row else Decision(NONE, None)


def fits(condition: Mapping[str, Any], measured: Measured) -> bool:
    """Whether all of a condition holds; one that names no outcome anywhere holds for open leads only."""
    return (measured.outcome == OPEN or _names_outcome(condition)) and _holds(condition, measured)


def _names_outcome(condition: Mapping[str, Any]) -> bool:
    groups = [*condition.get("anyOf", ()), *condition.get("allOf", ())]
    return "outcome" in condition or any(map(_names_outcome, groups))


def _holds(condition: Mapping[str, Any], measured: Measured) -> bool:
    return all(_part_holds(name, wanted, measured) for name, wanted in condition.items())


def _part_holds(name: str, wanted: Any, measured: Measured) -> bool:
    if name in ("anyOf", "allOf"):
        some_or_all = any if name == "anyOf" else all
        return some_or_all(_holds(one, measured) for one in wanted)
    if name == "contactable":
        return measured.contact.allows(wanted)
    value = measured.outcome if name == "outcome" else measured.numbers_and_names[name]
    if value is None or value == "":
        return False
    if isinstance(wanted, dict):
        return all(_BOUNDS[bound](value, limit) for bound, limit in wanted.items())
    return value in one_or_many(wanted)


_BOUNDS = {
    "above": lambda value, bound: value > bound,
    "atLeast": lambda value, bound: value >= bound,
    "below": lambda value, bound: value < bound,
    "atMost": lambda value, bound: value <= bound,
}

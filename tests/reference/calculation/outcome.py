"""Outcome: open, won, lost or disqualified, by the latest event that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.facts import ENGINE, Fact, one_or_many

OPEN = "open"
_NAMES = {"won": "won", "lost": "lost", "disqualified": "disqualified", "reopened": OPEN}


@dataclass(frozen=True)
class Outcome:
    """An outcome, and the moment and type of the event that said so; None for a lead of which nothing was said."""

    name: str = OPEN
    said: tuple[int, str] | None = None


def outcome(rulebook: Mapping[str, Any], facts: Sequence[Fact]) -> Outcome:
    section = rulebook.get("outcome", {})
    names = {kind: _NAMES[key] for key, kinds in section.items() for kind in one_or_many(kinds)}
    said = [fact for fact in facts if fact.source != ENGINE and fact.type in names]
    return Outcome(names[said[-1].type], (said[-1].at, said[-1].type)) if said else Outcome()

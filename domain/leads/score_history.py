"""A lead's scores at several past moments, from one pass over its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import in_time_order
from domain.leads.state import Lead, initial_state
from domain.leads.step import step
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["score_history"]


def score_history(
    lead_id: str, events: Sequence[Event], moments: Iterable[Millis], rulebook: CompiledRulebook
) -> list[tuple[Millis, float]]:
    """The score at each of the `moments`, which ascend: what reading the lead at that moment gives."""
    curve: list[tuple[Millis, float]] = []
    lead: Lead[Mark] = initial_state(lead_id, rulebook)
    ordered, folded = in_time_order(events), 0
    for at in moments:
        while folded < len(ordered) and ordered[folded].occurred_at <= at:
            lead, _, _ = step(lead, ordered[folded], rulebook)
            folded += 1
        curve.append((at, rulebook.score.total(lead.score, at).score))
    return curve

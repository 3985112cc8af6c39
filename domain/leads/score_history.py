"""A lead's scores at several past moments, from one pass over its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.state import Lead, initial_state
from domain.leads.step import step
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["score_history"]


def score_history(
    lead_id: str, events: Sequence[Event], moments: Iterable[Millis], rulebook: CompiledRulebook
) -> list[tuple[Millis, float]]:
    """The score at each of the `moments`, which ascend, of `events` in position order.

    Each value is what reading the lead at that moment gives: of what had occurred by then, in the order in which it
    was stored. Events are folded once; an event that was stored after later ones restarts the fold.
    """
    curve: list[tuple[Millis, float]] = []
    start: Lead[Mark] = initial_state(lead_id, rulebook)
    lead, folded = start, list[Event]()
    for at in moments:
        occurred = [event for event in events if event.occurred_at <= at]
        if occurred[: len(folded)] != folded:
            lead, folded = start, []
        for event in occurred[len(folded) :]:
            lead, _, _ = step(lead, event, rulebook)
        folded = occurred
        curve.append((at, rulebook.score.total(lead.score, at).score))
    return curve

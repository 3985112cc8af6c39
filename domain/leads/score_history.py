"""A lead's score at several moments of its past, from one pass over its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import evolve
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["score_history"]


def score_history(
    lead_id: str, events: Sequence[Event], moments: Iterable[Millis], rulebook: CompiledRulebook
) -> list[tuple[Millis, float]]:
    """The score at each of the `moments`, which ascend, of `events` in position order.

    Each value is what reading the lead at that moment gives: of what had occurred by then, in the order in which it
    was stored. Events are folded once; only one that was stored after later ones makes the fold begin anew.
    """
    curve: list[tuple[Millis, float]] = []
    state, folded = initial_state(lead_id, rulebook), list[Event]()
    for at in moments:
        occurred = [event for event in events if event.occurred_at <= at]
        if occurred[: len(folded)] != folded:
            state, folded = initial_state(lead_id, rulebook), []
        for event in occurred[len(folded) :]:
            state, _ = evolve(state, event, rulebook)
        folded = occurred
        curve.append((at, rulebook.score.total(state.score, at).score))
    return curve

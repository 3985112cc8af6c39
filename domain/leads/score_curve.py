"""The score curve of a lead: score and stage at several moments, past and to come, from one pass over its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.assess import stage_at
from domain.leads.state import Lead, initial_state
from domain.leads.step import step
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["CurvePoint", "evenly_spaced", "score_curve"]


class CurvePoint(NamedTuple):
    """Score, as it is shown, and stage of a lead at one moment."""

    at: Millis
    score: float
    stage: str


def score_curve(
    lead_id: str, events: Iterable[Event], moments: Sequence[Millis], rulebook: CompiledRulebook
) -> Iterator[CurvePoint | None]:
    """What reading the lead at each of the `moments`, which ascend, gives: of `events`, in the order of time.

    Moments before the first event are left out. Yields None after each event, so that a caller can give way.
    """
    lead: Lead[Mark] = initial_state(lead_id, rulebook)
    coming = iter(events)
    event = next(coming, None)
    for at in moments:
        while event is not None and event.occurred_at <= at:
            lead, _, _ = step(lead, event, rulebook)
            event = next(coming, None)
            yield None
        if lead.position:
            score = rulebook.score.total(lead.score, at).score
            yield CurvePoint(at, rulebook.stages.shown(score), stage_at(lead, score, at, rulebook))


def evenly_spaced(start: Millis, end: Millis, count: int) -> list[Millis]:
    """So many moments from `start` to `end`, both included; fewer where they would be the same millisecond."""
    return sorted({start + (end - start) * number // (count - 1) for number in range(count)})

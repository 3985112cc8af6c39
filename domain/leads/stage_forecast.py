"""The forecast of a lead's next fall to a lower stage if nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from domain.decisions.assessment import Mark
from domain.instant import DAY, MINUTE, Millis
from domain.leads.assess import stage_at
from domain.leads.passage import has_simple_passage, stage_changes
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Drop", "forecast_drop"]

_HORIZON: Millis = 3 * 365 * DAY


class Drop(Struct, frozen=True):
    """The first minute at which the lead is in a lower stage."""

    at: Millis
    stage: str


def forecast_drop(state: Lead[Mark], as_of: Millis, rulebook: CompiledRulebook) -> Drop | None:
    """The next fall after `as_of` with no new event, None if there is none within three years.

    Of points that only fade the score only falls, so bisection finds the minute; where negative points fade, or a stage
    set by hand ends, every change of the stage is looked at.
    """
    stages, total = rulebook.stages, rulebook.score.total
    now = stage_at(state, total(state.score, as_of).score, as_of, rulebook)
    if now == stages.lowest:
        return None
    if not has_simple_passage(state, rulebook):
        for at, stage in stage_changes(state, as_of, as_of + _HORIZON, rulebook):
            if stages.is_below(stage, now):
                return Drop(-(-at // MINUTE) * MINUTE, stage)
        return None

    def stage_then(at: Millis) -> str:
        return stages.settle(state.natural_stage, total(state.score, at).score)

    previous = as_of
    for at in _doubling(as_of):
        if stages.is_below(stage_then(at), now):
            moment = _first(lambda at: stages.is_below(stage_then(at), now), previous, at)
            return Drop(moment, stage_then(moment))
        previous = at
    return None


def _doubling(as_of: Millis) -> Iterator[Millis]:
    step = DAY
    while step < _HORIZON:
        yield as_of + step
        step *= 2
    yield as_of + _HORIZON


def _first(holds: Callable[[Millis], bool], low: Millis, high: Millis) -> Millis:
    """The first whole minute after `low` at which it holds; it does at `high`."""
    before, first = low // MINUTE, -(-high // MINUTE)
    while first - before > 1:
        middle = (before + first) // 2
        if holds(middle * MINUTE):
            first = middle
        else:
            before = middle
    return first * MINUTE

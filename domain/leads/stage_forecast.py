"""The forecast of a lead's next fall to a lower stage if nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from domain.decisions.assessment import Mark
from domain.instant import DAY, MINUTE, Millis
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Drop", "forecast_drop"]

_HORIZON: Millis = 3 * 365 * DAY
_GRID: Millis = DAY


class Drop(Struct, frozen=True):
    """The first minute at which the lead is in a lower stage."""

    at: Millis
    stage: str


def forecast_drop(state: Lead[Mark], as_of: Millis, rulebook: CompiledRulebook) -> Drop | None:
    """The next fall after `as_of` with no new event, None if there is none within three years.

    With points that only fade the score only falls, so bisection finds the moment; negative points that fade let
    it rise again, so then every day is looked at first. Time enters through `stage_at` only.
    """
    stages, total = rulebook.stages, rulebook.score.total

    def stage_at(at: Millis) -> str:
        held = stages.overridden(state.override, at)
        return held or stages.settle(state.natural_stage, total(state.score, at).score)

    now = stage_at(as_of)
    if now == stages.lowest:
        return None

    def is_below(at: Millis) -> bool:
        return stages.is_below(stage_at(at), now)

    falls = rulebook.score.never_rises(state.score) and state.override is None
    previous = as_of
    for at in _doubling(as_of) if falls else range(as_of + _GRID, as_of + _HORIZON, _GRID):
        if is_below(at):
            moment = _first(is_below, previous, at)
            return Drop(moment, stage_at(moment))
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

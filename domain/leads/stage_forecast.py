"""The forecast of a lead's next fall to a lower stage if nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log

from msgspec import Struct

from domain.decisions.assessment import Mark
from domain.instant import DAY, MINUTE, Millis
from domain.leads.assess import stage_at
from domain.leads.passage import has_simple_passage, stage_changes
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Drop", "forecast_drop"]

_HORIZON: Millis = 3 * 365 * DAY
_GUIDED_STEPS = 5

_Sample = tuple[int, float]
"""A minute and the score at it."""
_ScoreAt = Callable[[int], float]
"""The score at a minute."""


class Drop(Struct, frozen=True):
    """The first minute at which the lead is in a lower stage."""

    at: Millis
    stage: str


def forecast_drop(state: Lead[Mark], as_of: Millis, rulebook: CompiledRulebook) -> Drop | None:
    """The next fall after `as_of` with no new event, None if there is none within three years.

    Of points that only fade the score only falls, so the minute is searched between two that enclose it; where negative
    points fade, or a stage set by hand ends, every change of the stage is looked at.
    """
    stages, total = rulebook.stages, rulebook.score.total
    score = total(state.score, as_of).score
    now = stage_at(state, score, as_of, rulebook)
    if now == stages.lowest:
        return None
    if not has_simple_passage(state, rulebook):
        for at, stage in stage_changes(state, as_of, as_of + _HORIZON, rulebook):
            if stages.is_below(stage, now):
                return Drop(-(-at // MINUTE) * MINUTE, stage)
        return None

    def score_at(minute: int) -> float:
        return total(state.score, minute * MINUTE).score

    line = stages.spans[now].low
    last = as_of // MINUTE, score
    for minute in _further_and_further(as_of):
        then = minute, score_at(minute)
        if then[1] < line:
            first = _first_below(score_at, line, last, then)
            return Drop(first[0] * MINUTE, stages.settle(state.natural_stage, first[1]))
        last = then
    return None


def _further_and_further(as_of: Millis) -> Iterator[int]:
    """Minutes after `as_of`: those a day, four days, sixteen ... away, and that of the horizon."""
    step = DAY
    while step < _HORIZON:
        yield -(-(as_of + step) // MINUTE)
        step *= 4
    yield -(-(as_of + _HORIZON) // MINUTE)


def _first_below(score_at: _ScoreAt, line: float, above: _Sample, below: _Sample) -> _Sample:
    """The first minute after that of `above` at which the score is below the line, and the score then."""
    above, below = _narrowed(score_at, line, above, below)
    while below[0] - above[0] > 1:
        minute = (above[0] + below[0]) // 2
        score = score_at(minute)
        if score < line:
            below = minute, score
        else:
            above = minute, score
    return below


def _narrowed(score_at: _ScoreAt, line: float, above: _Sample, below: _Sample) -> tuple[_Sample, _Sample]:
    """Minutes nearer to the crossing: by the method of false position (Illinois variant) on a logarithmic scale.

    Points that fade by half-lives are nearly straight there. Where the scale cannot show the crossing, as they are.
    """
    if line <= 0:
        return above, below
    over = under = 1.0
    was_below: bool | None = None
    for _ in range(_GUIDED_STEPS):
        width = below[0] - above[0]
        if width <= 1 or below[1] <= 0 or above[1] <= line:
            break
        left, right = over * log(above[1] / line), under * log(line / below[1])
        minute = above[0] + min(max(round(left / (left + right) * width), 1), width - 1)
        score = score_at(minute)
        is_below = score < line  # the end that stays twice in a row gets half its weight
        if is_below:
            below, over, under = (minute, score), over / 2 if was_below is True else 1.0, 1.0
        else:
            above, over, under = (minute, score), 1.0, under / 2 if was_below is False else 1.0
        was_below = is_below
    return above, below

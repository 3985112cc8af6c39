"""The passage of time: the stages that a lead goes through between two moments without an event.

A stage is entered at one score and left at a lower one, so it depends on the way that the score took, not on the score
alone. Every crossing of a line is found to the millisecond, so it makes no difference how often anybody looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from domain.decisions.assessment import Mark
from domain.decisions.stage import StageSpan
from domain.instant import Millis
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook, ScoreState

__all__ = ["Passage", "has_simple_passage", "pass_time", "stage_changes"]


class Passage(NamedTuple):
    """A lead after time has passed: the stage by its score alone, the stage that holds, and since when it does."""

    natural: str
    stage: str
    since: Millis


def has_simple_passage(lead: Lead[Mark], rulebook: CompiledRulebook) -> bool:
    """Whether the score at a later moment is enough to know the stage then: it can only fall, by itself."""
    return lead.override is None and rulebook.score.never_rises(lead.score)


def pass_time(lead: Lead[Mark], to: Millis, rulebook: CompiledRulebook) -> Passage:
    """The lead at `to`, which must not be before its clock, if nothing happens until then."""
    stages = rulebook.stages
    if lead.position == 0:
        stage = stages.settle(lead.natural_stage, rulebook.score.total(lead.score, to).score)
        return Passage(stage, stage, lead.stage_since)
    natural, since, at = lead.natural_stage, lead.stage_since, lead.clock
    if lead.override is not None and (held := stages.overridden(lead.override, at)):
        ends = stages.expires_at(lead.override)
        natural, _ = _settle(lead.score, natural, at, min(to, ends), rulebook)
        if to < ends:
            return Passage(natural, held, since)
        since, at = since if natural == held else ends, ends
    natural, crossed = _settle(lead.score, natural, at, to, rulebook)
    return Passage(natural, natural, since if crossed is None else crossed)


def stage_changes(
    lead: Lead[Mark], after: Millis, to: Millis, rulebook: CompiledRulebook
) -> Iterator[tuple[Millis, str]]:
    """Each change of the stage in (after, to] if nothing happens: its moment and the new stage."""
    stages, natural = rulebook.stages, pass_time(lead, after, rulebook).natural
    if lead.override is not None and (held := stages.overridden(lead.override, after)):
        ends = stages.expires_at(lead.override)
        natural, _ = _settle(lead.score, natural, after, min(ends, to), rulebook)
        if ends > to:
            return
        if natural != held:
            yield ends, natural
        after = ends
    yield from _crossings(lead.score, natural, after, to, rulebook)


def _settle(
    score: ScoreState, natural: str, after: Millis, to: Millis, rulebook: CompiledRulebook
) -> tuple[str, Millis | None]:
    """The stage at `to` of a score that was in `natural` at `after`, and when it came there if it is another one."""
    if to <= after:
        return natural, None
    if not rulebook.score.never_rises(score):
        crossings = list(_crossings(score, natural, after, to, rulebook))
        return (crossings[-1][1], crossings[-1][0]) if crossings else (natural, None)
    stages, total = rulebook.stages, rulebook.score.total
    end = stages.settle(natural, total(score, to).score)
    if end == natural:
        return natural, None
    while to - after > 1:
        middle = (after + to) // 2
        if stages.settle(natural, total(score, middle).score) == end:
            to = middle
        else:
            after = middle
    return end, to


def _crossings(
    score: ScoreState, natural: str, after: Millis, to: Millis, rulebook: CompiledRulebook
) -> Iterator[tuple[Millis, str]]:
    """Each moment in (after, to] at which the score alone leads to another stage, and that stage."""
    stages = rulebook.stages
    while (at := _first_outside(score, stages.spans[natural], after, to, rulebook)) is not None:
        natural = stages.settle(natural, rulebook.score.total(score, at).score)
        yield at, natural
        after = at


def _first_outside(
    score: ScoreState, span: StageSpan, after: Millis, to: Millis, rulebook: CompiledRulebook
) -> Millis | None:
    """The first moment in (after, to] at which the score is outside a span.

    Intervals whose bounds lie inside are skipped whole, the others are halved.
    """
    total, bounds = rulebook.score.total, rulebook.score.bounds
    intervals = [(after, to)] if to > after else []
    while intervals:
        left, right = intervals.pop()
        if right - left == 1:
            if not span.low <= total(score, right).score < span.high:
                return right
            continue
        least, most = bounds(score, left, right)
        if span.low <= least and most < span.high:
            continue
        middle = (left + right) // 2
        intervals += ((middle, right), (left, middle))
    return None

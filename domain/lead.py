"""One step of the fold: what an event makes of a lead, and the row of history it leaves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from domain.automation import Firing, firings
from domain.event import DECAYED, Event
from domain.instant import Millis
from domain.reading import Reading
from domain.risk import SilenceState
from domain.rulebook import Rulebook
from domain.score import Contribution, PointsState
from domain.velocity import WindowState

__all__ = ["Folded", "HistoryRow", "LeadState", "evolve", "fold", "initial_state", "read"]

_MOST_TAGS = 50


class LeadState(Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything remembered of a lead, of bounded size however long its stream.

    `position` is that of the last event folded in, `clock` the latest moment at which any of them occurred, and
    `reading` what the lead looked like then.
    """

    lead_id: str
    rulebook: str
    reading: Reading
    stage_since: Millis
    score: PointsState
    velocity: WindowState
    risk: SilenceState
    position: int = 0
    clock: Millis = 0
    activities: int = 0
    first_activity_at: Millis | None = None
    last_activity_at: Millis | None = None
    tags: tuple[str, ...] = ()


class HistoryRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """What one event changed: previousScore + decay + contributions = newScore.

    `decay` is what time took since the row before; `at` is the moment that `new_score` is the score of.
    """

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    at: Millis
    previous_score: float
    decay: float
    contributions: tuple[Contribution, ...]
    new_score: float
    stage_before: str
    stage_after: str
    rulebook: str
    silent: bool
    """Whether this is bookkeeping that neither scored nor moved the lead, of no interest to most readers."""


class Folded(Struct, frozen=True):
    """A lead after some events, the history they left and the automations they fired."""

    state: LeadState
    rows: tuple[HistoryRow, ...]
    firings: tuple[Firing, ...]


def initial_state(lead_id: str, rulebook: Rulebook) -> LeadState:
    """A lead of which nothing has happened yet."""
    score, velocity, risk = rulebook.score.initial(), rulebook.velocity.initial(), rulebook.risk.initial()
    reading = Reading(0, 0.0, rulebook.stages.lowest, 0.0, rulebook.risk.read(risk, 0))
    return LeadState(
        lead_id=lead_id,
        rulebook=rulebook.label,
        reading=reading,
        stage_since=0,
        score=score,
        velocity=velocity,
        risk=risk,
    )


def read(state: LeadState, as_of: Millis, rulebook: Rulebook) -> Reading:
    """What the lead looks like at `as_of`, not before its clock. Decay needs no job: it is computed here."""
    score = rulebook.score.total(state.score, as_of)
    return _look(state, as_of, score, rulebook.stages.settle(state.reading.stage, score), rulebook)


def evolve(state: LeadState, event: Event, rulebook: Rulebook) -> tuple[LeadState, HistoryRow]:
    """The lead after one more event, and the row of history it leaves."""
    clock = max(state.clock, event.occurred_at)
    decayed = rulebook.score.total(state.score, clock)
    stage = rulebook.stages.settle(state.reading.stage, decayed)
    contributions: tuple[Contribution, ...] = ()
    after = state
    if event.is_activity:
        after, contributions = _with_activity(state, event, rulebook)
    elif event.type in ("tag.added", "tag.removed"):
        after = _with_tag(state, event)
    score = rulebook.score.total(after.score, clock) if contributions else decayed
    stage = rulebook.stages.settle(stage, score)
    row = HistoryRow(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=event.occurred_at,
        at=clock,
        previous_score=state.reading.score,
        decay=decayed - state.reading.score,
        contributions=contributions,
        new_score=score,
        stage_before=state.reading.stage,
        stage_after=stage,
        rulebook=rulebook.label,
        silent=not event.is_activity and event.type != DECAYED and stage == state.reading.stage,
    )
    after = msgspec.structs.replace(
        after,
        position=event.position,
        clock=clock,
        reading=_look(after, clock, score, stage, rulebook),
        stage_since=clock if stage != state.reading.stage or state.position == 0 else state.stage_since,
    )
    return after, row


def fold(state: LeadState, events: Iterable[Event], rulebook: Rulebook) -> Folded:
    """Fold events in position order, collecting history and firings."""
    rows: list[HistoryRow] = []
    fired: list[Firing] = []
    for event in events:
        before = state.reading
        state, row = evolve(state, event, rulebook)
        rows.append(row)
        fired += firings(rulebook.automations, before, state.reading, event)
    return Folded(state, tuple(rows), tuple(fired))


def _look(state: LeadState, at: Millis, score: float, stage: str, rulebook: Rulebook) -> Reading:
    velocity = rulebook.velocity.read(state.velocity, at)
    risk = rulebook.risk.read(state.risk, at)
    advice = rulebook.decisions.decide(Reading(at, score, stage, velocity, risk))
    return Reading(at, score, stage, velocity, risk, advice.action)


def _with_activity(
    state: LeadState, event: Event, rulebook: Rulebook
) -> tuple[LeadState, tuple[Contribution, ...]]:
    at = event.occurred_at
    score, contributions = rulebook.score.evolve(state.score, event)
    first, last = state.first_activity_at, state.last_activity_at
    after = msgspec.structs.replace(
        state,
        score=score,
        velocity=rulebook.velocity.evolve(state.velocity, event),
        risk=rulebook.risk.evolve(state.risk, event),
        activities=state.activities + 1,
        first_activity_at=at if first is None else min(first, at),
        last_activity_at=at if last is None else max(last, at),
    )
    return after, contributions


def _with_tag(state: LeadState, event: Event) -> LeadState:
    tag = event.properties.get("tag")
    if not isinstance(tag, str):
        return state
    others = tuple(name for name in state.tags if name != tag)
    tags = (*others, tag)[-_MOST_TAGS:] if event.type == "tag.added" else others
    return msgspec.structs.replace(state, tags=tags)

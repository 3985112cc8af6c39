"""One step of the fold: what an event makes of a lead, and the row of history it leaves."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.assessment import Reading
from domain.decisions.automation import Change, Firing, ShallowChange, firings
from domain.events.event import Event
from domain.events.vocabulary import (
    EVENT_DISCARDED,
    SCORE_DECAYED,
    STAGE_CLEARED,
    STAGE_SET,
    TAG_ADDED,
    TAG_REMOVED,
)
from domain.instant import Millis
from domain.leads.stage_forecast import forecast_drop
from domain.leads.state import LeadState
from domain.rulebooks.rulebook import CompiledRulebook, Rulebook
from domain.scoring.breakdown import Contribution, Score

__all__ = ["Folded", "HistoryRow", "evolve", "fold", "read", "stage_at"]

_MAX_TAGS = 50
_MAX_TAG_LENGTH = 64
_ALWAYS_TOLD = (SCORE_DECAYED, EVENT_DISCARDED)
"""Bookkeeping that a reader of the history wants to see whatever it moved."""
_NOTHING = 1e-9
"""Points. What is left of a difference of equal sums."""


class HistoryRow(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """What one event changed: previousScore + decay + contributions = newScore.

    `decay` is what time took since the row before; `at` is the moment that `new_score` is the score of. An event
    that arrives late and breaks a silence can also give back what time had taken: then decay is positive.
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


class Folded(Struct, frozen=True, gc=False):
    """A lead after some events, the history they left and the automations they fired."""

    state: LeadState
    rows: tuple[HistoryRow, ...]
    firings: tuple[Firing, ...]


def read(state: LeadState, as_of: Millis, rulebook: Rulebook) -> Reading:
    """What the lead looks like at `as_of`, not before its clock. Decay needs no job: it is computed here."""
    calls = rulebook.calls
    total = calls.total(state.score, as_of)
    return _look(state, as_of, total, stage_at(state, total.score, as_of, rulebook), calls)


def stage_at(state: LeadState, score: float, as_of: Millis, rulebook: Rulebook) -> str:
    """The stage at `as_of`, when the lead has `score` points."""
    calls = rulebook.calls
    if state.override is not None and (held := calls.overridden(state.override, as_of)):
        return held
    return calls.settle(state.natural_stage, score)


def evolve(state: LeadState, event: Event, rulebook: Rulebook) -> tuple[LeadState, HistoryRow]:
    """The lead after one more event, and the row of history it leaves."""
    after, row, _ = _step(state, event, rulebook.calls)
    return _measured(after, rulebook.calls), row


def fold(state: LeadState, events: Iterable[Event], rulebook: Rulebook) -> Folded:
    """Fold events in position order, collecting history and firings."""
    rows: list[HistoryRow] = []
    fired: list[Firing] = []
    calls = rulebook.calls
    for event in events:
        before = state
        state, row, stage_before = _step(state, event, calls)
        rows.append(row)
        if calls.may_trigger(event.type, stage_before, state.reading.stage):
            shift = ShallowChange(
                event.type, stage_before, state.reading.stage, *_bands(before, state, event, calls)
            )
            if stirred := [rule for rule in rulebook.automations if rule.could_fire(shift)]:
                state = _measured(state, calls)
                fired += firings(stirred, _change(before, state, event, rulebook))
    return Folded(_measured(state, calls), tuple(rows), tuple(fired))


def _step(state: LeadState, event: Event, calls: CompiledRulebook) -> tuple[LeadState, HistoryRow, str]:
    """What one event makes of a lead, the row it leaves, and the stage that the one after it is compared with.

    Of the state's reading only moment, score and stage are known then. The rest is measured when somebody asks: at
    the end of the fold, or earlier for an automation.
    """
    last, settle, active = state.reading, calls.settle, event.is_activity
    clock = event.occurred_at if event.occurred_at > state.clock else state.clock
    learnt = _learn(state, event, calls, active=active)
    effect = calls.effect(event, state.score, learnt.score, clock)
    before, after, contributions = effect.before, effect.after, effect.contributions
    natural_before = settle(state.natural_stage, before)
    stage = natural = settle(natural_before, after)
    if learnt.override is not None:
        stage = calls.overridden(learnt.override, clock) or natural
    regained = after - before
    for given in contributions:
        regained -= given.points
    row = HistoryRow(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=event.occurred_at,
        at=clock,
        previous_score=last.score,
        decay=before - last.score + (regained if abs(regained) > _NOTHING else 0.0),
        contributions=contributions,
        new_score=after,
        stage_before=last.stage,
        stage_after=stage,
        rulebook=calls.label,
        silent=not active and not contributions and event.type not in _ALWAYS_TOLD and stage == last.stage,
    )
    moved = stage != last.stage or state.position == 0
    after_it = replace(
        learnt,
        position=event.position,
        clock=clock,
        natural_stage=natural,
        reading=Reading(clock, after, stage, 0.0, ""),
        stage_since=clock if moved else state.stage_since,
        decay_written_at=clock if event.type == SCORE_DECAYED else state.decay_written_at,
    )
    if not active or state.position == 0:
        return after_it, row, last.stage
    if state.override is not None:
        return after_it, row, calls.overridden(state.override, clock) or natural_before
    return after_it, row, natural_before


def _change(before: LeadState, after: LeadState, event: Event, rulebook: Rulebook) -> Change:
    """What the event did.

    An activity is compared with what the lead was just before it, so that what fires does not depend on whether
    time was written down in between; all else is compared with the last row.
    """
    now = after.reading
    if event.is_activity and before.position:
        return Change(event, read(before, after.clock, rulebook), now)
    last = _measured(before, rulebook.calls).reading
    if event.type != SCORE_DECAYED:
        return Change(event, last, now)
    drop = forecast_drop(after, after.clock, rulebook) if rulebook.drop_warnings else None
    return Change(
        event,
        last,
        now,
        quiet_since=after.last_activity_at,
        written_at=before.decay_written_at,
        drop_at=drop.at if drop else None,
    )


def _bands(before: LeadState, after: LeadState, event: Event, calls: CompiledRulebook) -> tuple[str, str]:
    """The bands of risk that `_change` compares."""
    then = after.clock if event.is_activity and before.position else before.reading.at
    return calls.read_risk(before.risk, then).band, calls.read_risk(after.risk, after.clock).band


def _measured(state: LeadState, calls: CompiledRulebook) -> LeadState:
    """The state with its whole reading, at the moment of its last event."""
    if state.reading.risk:
        return state
    at = state.reading.at
    total = calls.total(state.score, at)
    return replace(state, reading=_look(state, at, total, state.reading.stage, calls))


def _look(state: LeadState, at: Millis, total: Score, stage: str, calls: CompiledRulebook) -> Reading:
    """Everything about the lead at a moment, given its score and stage then."""
    pace = calls.read_velocity(state.velocity, at)
    outlook = calls.read_risk(state.risk, at)
    reading = Reading(
        at,
        total.score,
        stage,
        pace.velocity,
        outlook.band,
        "",
        calls.grade(total),
        pace.momentum,
        pace.surge,
        outlook.probability,
        state.contact.open_conversation,
        state.contact.suppressed,
    )
    return replace(reading, next_action=calls.decide(reading).action)


def _learn(state: LeadState, event: Event, calls: CompiledRulebook, *, active: bool) -> LeadState:
    """The state with what the event says, before anything is concluded from it."""
    score = calls.evolve_score(state.score, event)
    contact = (
        calls.evolve_contact(state.contact, event) if event.type in calls.contact_types else state.contact
    )
    if active and event.type not in calls.our_actions:
        at, first, last = event.occurred_at, state.first_activity_at, state.last_activity_at
        return replace(
            state,
            score=score,
            contact=contact,
            velocity=calls.evolve_velocity(state.velocity, event),
            risk=calls.evolve_risk(state.risk, event),
            activities=state.activities + 1,
            first_activity_at=at if first is None or at < first else first,
            last_activity_at=at if last is None or at > last else last,
        )
    override, tags = state.override, state.tags
    if event.type in (STAGE_SET, STAGE_CLEARED):
        override = calls.set_by(event, override)
    elif event.type in (TAG_ADDED, TAG_REMOVED):
        tags = _tagged(tags, event)
    return replace(state, score=score, contact=contact, override=override, tags=tags)


def _tagged(tags: tuple[str, ...], event: Event) -> tuple[str, ...]:
    tag = event.properties.get("tag")
    if not isinstance(tag, str) or not 0 < len(tag) <= _MAX_TAG_LENGTH:
        return tags
    others = tuple(name for name in tags if name != tag)
    return (*others, tag)[-_MAX_TAGS:] if event.type == TAG_ADDED else others

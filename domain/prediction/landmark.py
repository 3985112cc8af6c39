"""Landmarks: a lead as it was known on the morning of a Monday, and whether it reached the goal within the horizon.

Landmarking after van Houwelingen (2007). Only landmarks whose horizon has passed are used, for leads that are decided early
are not like the others: trained on decided leads only, a model promises twice what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from domain.decisions.goal import Goal, KnownEvent
from domain.decisions.outcome import OPEN, Outcome
from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.leads.fold import in_time_order, is_late, refold
from domain.leads.state import LeadState, initial_state
from domain.prediction.features import SCORE, FeatureValue, features_of
from domain.rulebooks.compiled import CompiledRulebook, ScoreState
from domain.rulebooks.models import ScoreModel

__all__ = [
    "ACTIVE_WITHIN",
    "BACKFILLED_AFTER",
    "Arrival",
    "Landmark",
    "LandmarkScores",
    "arrival",
    "is_sampled",
    "landmark_scores",
    "landmarks_of",
]

BACKFILLED_AFTER: Millis = 7 * DAY
"""An event that was received so long after it occurred was imported: it counts as known when it occurred."""
_WEEK: Millis = 7 * DAY
_FIRST_MONDAY: Millis = 4 * DAY
"""1970-01-05."""
ACTIVE_WITHIN: Millis = 180 * DAY
"""A lead counts so long after its last activity."""


class Arrival(NamedTuple):
    """An event of a lead and the moment from which it was known of this lead."""

    known_at: Millis
    event: Event
    backfilled: bool


class Landmark(Struct, frozen=True):
    """The features of an open lead at `at` by what was known then, and what became of it."""

    lead_id: str
    at: Millis
    features: dict[str, FeatureValue]
    score: float
    reached: bool
    backfilled: bool


class LandmarkScores(NamedTuple):
    """The scores of a lead at a landmark under two rulebooks, and whether it then reached the goal."""

    now: float
    then: float
    reached: bool


def arrival(event: Event, joined_at: Millis) -> Arrival:
    """The arrival of an event whose stream has been part of the lead since `joined_at`."""
    backfilled = event.received_at - event.occurred_at > BACKFILLED_AFTER
    return Arrival(max(event.occurred_at if backfilled else event.received_at, joined_at), event, backfilled)


def landmarks_of(
    arrivals: Sequence[Arrival],
    rulebook: CompiledRulebook,
    goal: Goal,
    known_at: Millis,
    one_in: int = 1,
) -> Iterator[Landmark]:
    """The matured landmarks of one lead by what was known at `known_at`, oldest first; a sample of `one_in`."""
    known = _known(arrivals, known_at)
    chosen = _chosen(known, rulebook, known_at - goal.horizon, one_in)
    if not chosen:
        return
    decisions = [KnownEvent(one.known_at, one.event.type) for one in known]
    refused, photograph = rulebook.decisive_rules, _photographer(known, rulebook)
    for at in chosen:
        state, backfilled = photograph(at)
        features = features_of(state, max(at, state.clock), rulebook, refused)
        yield Landmark(
            lead_id=state.lead_id,
            at=at,
            features=features,
            score=float(features[SCORE]),
            reached=goal.is_reached(decisions, at, rulebook.outcome),
            backfilled=backfilled,
        )


def landmark_scores(
    arrivals: Sequence[Arrival],
    rulebooks: tuple[CompiledRulebook, CompiledRulebook],
    goal: Goal,
    known_at: Millis,
    one_in: int = 1,
) -> list[LandmarkScores]:
    """The scores under two rulebooks at the matured landmarks of one lead.

    The first of them says whether it was open then and reached the goal.
    """
    now, _ = rulebooks
    known = _known(arrivals, known_at)
    chosen = _chosen(known, now, known_at - goal.horizon, one_in)
    if not chosen:
        return []
    decisions = [KnownEvent(one.known_at, one.event.type) for one in known]
    was, becomes = (_scores(known, chosen, rules.score) for rules in rulebooks)
    return [
        LandmarkScores(one, other, goal.is_reached(decisions, at, now.outcome))
        for at, one, other in zip(chosen, was, becomes, strict=True)
    ]


def _scores(
    known: Sequence[Arrival], moments: Sequence[Millis], model: ScoreModel[ScoreState]
) -> list[float]:
    """The score at growing moments, of what was known then: nothing else of the lead is folded."""
    state, clock, index, scores = model.initial(), known[0].event.occurred_at, 0, list[float]()
    for at in moments:
        start = index
        while index < len(known) and known[index].known_at <= at:
            index += 1
        fresh = in_time_order(one.event for one in known[start:index])
        if fresh and fresh[0].occurred_at < clock:
            state, fresh = model.initial(), in_time_order(one.event for one in known[:index])
        for event in fresh:
            state = model.evolve(state, event)
        clock = fresh[-1].occurred_at if fresh else clock
        scores.append(model.total(state, max(at, clock)).score)
    return scores


def _known(arrivals: Sequence[Arrival], known_at: Millis) -> list[Arrival]:
    """What was known at a moment, in the order in which it became known."""
    return sorted(
        (one for one in arrivals if one.known_at <= known_at),
        key=lambda one: (one.known_at, one.event.position),
    )


def _chosen(known: Sequence[Arrival], rulebook: CompiledRulebook, until: Millis, one_in: int) -> list[Millis]:
    if not known:
        return []
    lead_id = known[0].event.lead_id
    return [at for at in _mondays(known, rulebook, until) if is_sampled(lead_id, at, one_in)]


def is_sampled(lead_id: str, at: Millis, one_in: int) -> bool:
    """Whether a landmark is in the sample of one in so many (a power of two), which holds all smaller samples.

    Every landmark has the same chance. To take as many of each lead would not do: those that are won soon have few, and
    would weigh more than they do in a list of leads.
    """
    digest = blake2b(f"{lead_id}\0{at}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % one_in == 0


def _mondays(known: Sequence[Arrival], rulebook: CompiledRulebook, until: Millis) -> list[Millis]:
    """Mondays at which the lead was open and had been active of late."""
    outcome, active_at, index = Outcome(), -ACTIVE_WITHIN, 0
    found: list[Millis] = []
    monday = _FIRST_MONDAY + -(-(known[0].known_at - _FIRST_MONDAY) // _WEEK) * _WEEK
    while monday <= until:
        while index < len(known) and known[index].known_at <= monday:
            event = known[index].event
            if event.type in rulebook.outcome.by_type:
                outcome = rulebook.outcome.evolve(outcome, event)
            if event.is_activity and event.occurred_at > active_at:
                active_at = event.occurred_at
            index += 1
        if outcome.name == OPEN and monday - active_at <= ACTIVE_WITHIN:
            found.append(monday)
        elif index < len(known):  # nothing changes before the next event
            behind = known[index].known_at - _FIRST_MONDAY
            monday = max(monday, _FIRST_MONDAY + -(-behind // _WEEK) * _WEEK - _WEEK)
        else:
            break
        monday += _WEEK
    return found


def _photographer(
    known: Sequence[Arrival], rulebook: CompiledRulebook
) -> Callable[[Millis], tuple[LeadState, bool]]:
    """A function that gives the state at growing moments, folded from what was known then, and whether any was imported."""
    state, index = initial_state(known[0].event.lead_id, rulebook), 0

    def photograph(at: Millis) -> tuple[LeadState, bool]:
        nonlocal state, index
        start = index
        while index < len(known) and known[index].known_at <= at:
            index += 1
        fresh = [one.event for one in known[start:index]]
        if any(is_late(event, state) for event in fresh):
            state = initial_state(state.lead_id, rulebook)
            fresh = [one.event for one in known[:index]]
        state = refold(state, fresh, rulebook).state
        return state, any(one.backfilled for one in known[:index])

    return photograph

"""The comparison of a lead under two rulebooks: where it is under each, why, what would have fired, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from domain.decisions.outcome import OutcomeName
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.assess import assess
from domain.leads.state import LeadState
from domain.prediction.landmark import LandmarkScores
from domain.rule_lab.simulation import Alert, Window, simulate
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Because", "LeadComparison", "Moved", "Rulebooks", "Side", "compare_lead", "moved_between"]

Moved = Literal["up", "down", "not"]
_MOST_REASONS = 6
_WORTH_EXPLAINING = 1.0
"""Points by which a score must differ for its reasons to be kept, if the stage is the same."""


class Rulebooks(NamedTuple):
    """The rulebook that is active, and the one that is tried."""

    now: CompiledRulebook
    then: CompiledRulebook


class Because(Struct, frozen=True):
    """A line of an explanation: points of the score, by what."""

    rule_id: str
    label: str
    points: float


class Side(Struct, frozen=True, rename="camel"):
    """The lead under one rulebook. The largest `reasons` first, of leads that moved or whose score differs by a point."""

    score: float
    stage: str
    alerts: tuple[str, ...] = ()
    """The ids of automations, once for each time."""
    reasons: tuple[Because, ...] = ()


class LeadComparison(Struct, frozen=True, rename="camel"):
    """A lead under the rulebook that is active (`now`) and under another one (`then`)."""

    lead_id: str
    now: Side
    then: Side
    moved: Moved
    ended: OutcomeName
    new_alerts: tuple[str, ...] = ()
    """Automations that would fire then and not now; `lost_alerts` the other way round."""
    lost_alerts: tuple[str, ...] = ()
    landmarks: tuple[LandmarkScores, ...] = ()

    @property
    def difference(self) -> float:
        """How far the score moves, in points."""
        return self.then.score - self.now.score


def compare_lead(
    lead_id: str,
    events: Sequence[Event],
    rulebooks: Rulebooks,
    window: Window,
    landmarks: Sequence[LandmarkScores] = (),
) -> LeadComparison:
    """Fold the same events under both rulebooks, and compare the lead at the end of the window, and its alerts in it.

    It ended as the rulebook that is active says, or the other one if that knows no outcomes.
    """
    now, then = rulebooks
    before, after = (simulate(lead_id, events, rules, window) for rules in rulebooks)
    clock = max(window.at, before.state.clock, after.state.clock)
    was, becomes = (assess(one.state, clock, rules) for one, rules in ((before, now), (after, then)))
    moved = moved_between(was.stage, becomes.stage, becomes.score - was.score, then)
    explained = moved != "not" or abs(becomes.score - was.score) >= _WORTH_EXPLAINING
    old, new = set(map(_key, before.alerts)), set(map(_key, after.alerts))
    return LeadComparison(
        lead_id=lead_id,
        now=Side(
            was.score,
            was.stage,
            _rules(before.alerts),
            _reasons(before.state, clock, now) if explained else (),
        ),
        then=Side(
            becomes.score,
            becomes.stage,
            _rules(after.alerts),
            _reasons(after.state, clock, then) if explained else (),
        ),
        moved=moved,
        ended=(before.state if now.outcome.by_type else after.state).outcome.name,
        new_alerts=tuple(sorted(rule for rule, _ in new - old)),
        lost_alerts=tuple(sorted(rule for rule, _ in old - new)),
        landmarks=tuple(landmarks),
    )


def moved_between(was: str, becomes: str, difference: float, then: CompiledRulebook) -> Moved:
    """Up or down the stages of the later rulebook; by the score where that does not know the stage before."""
    if was == becomes:
        return "not"
    names = then.stages.names
    if was in names:
        return "up" if names.index(becomes) > names.index(was) else "down"
    return "up" if difference >= 0 else "down"


def _key(alert: Alert) -> tuple[str, str]:
    return alert.rule_id, alert.bucket


def _rules(alerts: Sequence[Alert]) -> tuple[str, ...]:
    return tuple(alert.rule_id for alert in alerts)


def _reasons(state: LeadState, at: Millis, rules: CompiledRulebook) -> tuple[Because, ...]:
    found = sorted(rules.score.explain(state.score, at), key=lambda one: -abs(one.points))
    return tuple(
        Because(one.rule_id, one.label, round(one.points, 4)) for one in found[:_MOST_REASONS] if one.points
    )

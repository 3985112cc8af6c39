"""The response of GET /api/leads/{leadId}/intelligence: a lead at one moment, explained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import exp

from api.http.view import View, optional_datetime
from api.outreach.opt_out_views import OptOutView, SuspectedOptOutView, opt_out_views, suspected_views
from domain.decisions.goal import WIN
from domain.instant import to_datetime
from domain.leads.intelligence import Details, Intelligence
from domain.prediction.features import feature_words
from domain.prediction.model import LeadPrediction
from domain.prediction.words import summary_with
from domain.scoring.breakdown import Reason
from engine.leads.incomplete_leads import Incomplete

__all__ = [
    "IntelligenceView",
    "PredictionView",
    "ReasonView",
    "RulebookView",
    "StageDropView",
    "intelligence_view",
    "prediction_view",
    "reason_view",
]


class ReasonView(View, frozen=True):
    """One line of the explanation: the points that a rule gives now, and the points of its events when they occurred.

    `clamped` are the points that the rule's limits add or remove, `faded` those that decay has removed; `overflowed`:
    there were more distinct values than the rule remembers.
    """

    rule_id: str
    label: str
    group: str
    points: float
    raw_points: float
    count: int
    last_event_at: datetime | None
    half_life_days: float | None
    clamped: float
    faded: float
    overflowed: bool


class RulebookView(View, frozen=True):
    """The rules that were applied."""

    name: str
    version: int


class StageDropView(View, frozen=True):
    """The next stage that decay alone leads to, and when."""

    at: datetime
    stage: str


class OverrideView(View, frozen=True):
    """A stage set by hand."""

    stage: str
    by: str
    why: str
    at: datetime


class OutcomeView(View, frozen=True):
    """Since when the lead has its outcome, and the type of the event that said so."""

    since: datetime
    event_type: str


class StatusView(View, frozen=True):
    """Since when the lead has its status, and the type of the event that led to it."""

    since: datetime
    event_type: str


class DetailsView(View, frozen=True):
    """The measurements behind the numbers; null where the rulebook does not measure one."""

    stage_since: datetime
    stage_set_by: OverrideView | None
    drop: StageDropView | None
    velocity: str
    risk: str
    next_action: str
    grade: str | None
    fit: float | None
    engagement: float | None
    groups: dict[str, float]
    momentum: float | None
    surge: bool
    risk_probability: float | None
    open_conversation: bool
    suppressed: bool
    closed_channels: list[str]
    opt_outs: list[OptOutView]
    suspected_opt_outs: list[SuspectedOptOutView]
    outcome: OutcomeView | None
    status: StatusView | None
    tags_overflowed: bool
    activities: int
    first_activity_at: datetime | None
    last_activity_at: datetime | None


class HeldUpView(View, frozen=True):
    """The event at which a lead is blocked: it could not be applied, so neither it nor later events count."""

    state: str
    event_id: str | None
    position: int | None
    since: datetime


class IncompleteView(View, frozen=True):
    """Events that the score leaves out: those from the blocking event on, and those that an operator discarded."""

    held_up_at: HeldUpView | None
    discarded_events: int


class PredictionPartView(View, frozen=True):
    """What one feature adds to the log-odds, in words; `odds` is its factor on the odds."""

    feature: str
    words: str
    log_odds: float
    odds: float


class PredictionView(View, frozen=True):
    """How likely the lead is to reach the goal of the model within its horizon, with an interval (95 %), by the model of this name.

    `base` and the parts sum to the log-odds of the probability: ln(p / (1 - p)).
    """

    probability: float
    interval: tuple[float, float]
    outcome: str
    horizon_days: int
    model: str
    base: float
    parts: list[PredictionPartView]


class IntelligenceView(View, frozen=True):
    """A lead at `asOf`; the points of `reasons` sum to `score`. `incomplete` is null when all its events count.

    `win` is null while no model of that goal is active, and for a lead that is won, lost or disqualified. `otherGoals` are
    those of the rulebook's further goals, by name.
    """

    lead_id: str
    requested_id: str
    as_of: datetime
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    outcome: str
    status: str
    summary: str
    reasons: list[ReasonView]
    tags: list[str]
    details: DetailsView
    incomplete: IncompleteView | None
    rulebook: RulebookView
    win: PredictionView | None
    other_goals: dict[str, PredictionView]


def reason_view(part: Reason) -> ReasonView:
    return ReasonView(
        rule_id=part.rule_id,
        label=part.label,
        group=part.group,
        points=part.points,
        raw_points=part.raw_points,
        count=part.count,
        last_event_at=optional_datetime(part.last_event_at),
        half_life_days=part.half_life_days,
        clamped=part.clamped,
        faded=part.faded,
        overflowed=part.overflowed,
    )


def _details(details: Details) -> DetailsView:
    override, drop = details.stage_set_by, details.drop
    return DetailsView(
        stage_since=to_datetime(details.stage_since),
        stage_set_by=None
        if override is None
        else OverrideView(
            stage=override.stage, by=override.by, why=override.why, at=to_datetime(override.at)
        ),
        drop=None if drop is None else StageDropView(at=to_datetime(drop.at), stage=drop.stage),
        velocity=details.velocity,
        risk=details.risk,
        next_action=details.next_action,
        grade=details.grade or None,
        fit=details.fit,
        engagement=details.engagement,
        groups=details.groups,
        momentum=details.momentum,
        surge=details.surge,
        risk_probability=details.risk_probability,
        open_conversation=details.open_conversation,
        suppressed=details.suppressed,
        closed_channels=list(details.closed_channels),
        opt_outs=opt_out_views(details.opt_outs),
        suspected_opt_outs=suspected_views(details.suspected_opt_outs),
        outcome=None
        if details.outcome is None
        else OutcomeView(since=to_datetime(details.outcome.at), event_type=details.outcome.event_type),
        status=None
        if details.status.at < 0
        else StatusView(since=to_datetime(details.status.at), event_type=details.status.event_type),
        tags_overflowed=details.tags_overflowed,
        activities=details.activities,
        first_activity_at=optional_datetime(details.first_activity_at),
        last_activity_at=optional_datetime(details.last_activity_at),
    )


def _incomplete(incomplete: Incomplete | None) -> IncompleteView | None:
    if incomplete is None:
        return None
    letter = incomplete.held_up
    return IncompleteView(
        held_up_at=None
        if letter is None
        else HeldUpView(
            state=letter.state,
            event_id=letter.event_id or None,
            position=letter.position or None,
            since=to_datetime(letter.first_at),
        ),
        discarded_events=incomplete.discarded,
    )


def intelligence_view(
    found: Intelligence,
    incomplete: Incomplete | None,
    requested_id: str,
    predicted: Mapping[str, LeadPrediction],
) -> IntelligenceView:
    name, version = found.rulebook
    goals = {goal: prediction_view(one) for goal, one in predicted.items()}
    return IntelligenceView(
        lead_id=found.lead_id,
        requested_id=requested_id,
        as_of=to_datetime(found.as_of),
        position=found.position,
        score=found.score,
        stage=found.stage,
        velocity=found.velocity,
        risk=found.risk,
        next_action=found.next_action,
        outcome=found.outcome,
        status=found.status,
        summary=summary_with(found.summary, predicted.get(WIN.name)),
        reasons=[reason_view(part) for part in found.reasons],
        tags=list(found.tags),
        details=_details(found.details),
        incomplete=_incomplete(incomplete),
        rulebook=RulebookView(name=name, version=version),
        win=goals.pop(WIN.name, None),
        other_goals=goals,
    )


def prediction_view(found: LeadPrediction, most_parts: int | None = None) -> PredictionView:
    model, prediction = found.model, found.prediction
    return PredictionView(
        probability=prediction.probability,
        interval=prediction.interval,
        outcome=model.goal.outcome,
        horizon_days=model.goal.horizon_days,
        model=model.label,
        base=prediction.base,
        parts=[
            PredictionPartView(
                feature=part.feature,
                words=feature_words(part.feature, part.value, model.labels),
                log_odds=part.log_odds,
                odds=exp(part.log_odds),
            )
            for part in prediction.parts[:most_parts]
        ],
    )

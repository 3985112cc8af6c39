"""The intelligence of a lead: its assessment at one moment, with every number explained."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.assessment import Assessment
from domain.decisions.outcome import Outcome
from domain.decisions.stage import Override
from domain.decisions.suspected_opt_outs import SuspectedOptOut
from domain.instant import Millis
from domain.leads.assess import assess_total
from domain.leads.passage import has_simple_passage, pass_time
from domain.leads.stage_forecast import Drop, forecast_drop
from domain.leads.state import LeadState
from domain.leads.summary import summarize
from domain.outreach.lead_status import LeadStatus, lead_status
from domain.rulebooks.compiled import CompiledRulebook
from domain.scoring.breakdown import Reason, Score

__all__ = ["Details", "Intelligence", "intelligence", "rounded_parts"]

_ASKED_FOR_NONE = "The lead has asked in a reply not to be contacted."


class Details(Struct, frozen=True, kw_only=True):
    """The words and measures behind stage, velocity, risk and next action.

    Grade, fit, engagement and groups (points before they are weighed), momentum (doublings of the usual pace) and
    surge, and the probability of having gone cold are there if the rulebook measures them. `outcome` is since when and by
    which event the lead has its outcome, None while nothing has been said of it; `status` the same of its status.
    `opt_outs` are the moments of the replies that said no and still hold, by channel or for `all`,
    `suspected_opt_outs` those that the classifier suspects and nobody has judged.
    """

    stage_since: Millis
    stage_set_by: Override | None
    drop: Drop | None
    velocity: str
    risk: str
    next_action: str
    grade: str
    fit: float | None
    engagement: float | None
    groups: dict[str, float]
    momentum: float | None
    surge: bool
    risk_probability: float | None
    open_conversation: bool
    suppressed: bool
    closed_channels: tuple[str, ...]
    opt_outs: dict[str, Millis]
    suspected_opt_outs: tuple[SuspectedOptOut, ...]
    outcome: Outcome | None
    status: LeadStatus
    tags_overflowed: bool
    activities: int
    first_activity_at: Millis | None
    last_activity_at: Millis | None


class Intelligence(Struct, frozen=True, kw_only=True):
    """One lead at `as_of`. The points of `reasons` sum to `score`, both in hundredths; `summary` says it in words."""

    lead_id: str
    as_of: Millis
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    outcome: str
    status: str
    summary: str
    reasons: tuple[Reason, ...]
    tags: tuple[str, ...]
    details: Details
    rulebook: tuple[str, int]


def intelligence(state: LeadState, as_of: Millis, rulebook: CompiledRulebook) -> Intelligence:
    """The lead at `as_of`, which must not be before the state's clock."""
    total = rulebook.score.total(state.score, as_of)
    assessment = assess_total(state, as_of, total, rulebook)
    score = rulebook.stages.shown(assessment.score)
    reasons = rounded_parts(rulebook.score.explain(state.score, as_of), score)
    drop = forecast_drop(state, as_of, rulebook)
    details = _details(state, assessment, total, drop, rulebook)
    return Intelligence(
        lead_id=state.lead_id,
        as_of=as_of,
        position=state.position,
        score=score,
        stage=assessment.stage,
        velocity=round(assessment.velocity, 4),
        risk=assessment.risk,
        next_action=assessment.next_action,
        outcome=assessment.outcome,
        status=details.status.name,
        summary=summarize(
            reasons,
            as_of,
            state.last_activity_at,
            _lost(state, assessment.score, rulebook),
            drop,
            outcome=state.outcome,
        ),
        reasons=reasons,
        tags=state.tags,
        details=details,
        rulebook=(rulebook.name, rulebook.version),
    )


def _lost(state: LeadState, score: float, rulebook: CompiledRulebook) -> float:
    """How far the score has come since the last activity, in points."""
    if state.last_activity_at is None:
        return 0.0
    if state.last_activity_at == state.clock:
        return score - state.assessment.score
    return score - rulebook.score.total(state.score, state.last_activity_at).score


def _details(
    state: LeadState, assessment: Assessment, total: Score, drop: Drop | None, rulebook: CompiledRulebook
) -> Details:
    as_of = assessment.at
    overridden = rulebook.stages.overridden(state.override, as_of)
    groups = rulebook.score.group_points(state.score, as_of)
    return Details(
        stage_since=_stage_since(state, assessment, rulebook),
        stage_set_by=state.override if overridden else None,
        drop=drop,
        velocity=rulebook.velocity.explain(state.velocity, as_of),
        risk=rulebook.risk.explain(state.risk, as_of),
        next_action=_because(state, assessment, rulebook),
        grade=assessment.grade,
        fit=total.fit,
        engagement=None if total.engagement is None else _cents(total.engagement),
        groups={group: _cents(points) for group, points in groups.items()},
        momentum=None if assessment.momentum is None else round(assessment.momentum, 4),
        surge=assessment.surge,
        risk_probability=None
        if assessment.risk_probability is None
        else round(assessment.risk_probability, 4),
        open_conversation=assessment.open_conversation,
        suppressed=assessment.suppressed,
        closed_channels=assessment.closed_channels,
        opt_outs=state.contact.standing_opt_outs,
        suspected_opt_outs=state.contact.suspected_opt_outs,
        outcome=state.outcome if state.outcome.at >= 0 else None,
        status=lead_status(state.outcome, state.correspondence),
        tags_overflowed=state.tags_overflowed,
        activities=state.activities,
        first_activity_at=state.first_activity_at,
        last_activity_at=state.last_activity_at,
    )


def _because(state: LeadState, assessment: Assessment, rulebook: CompiledRulebook) -> str:
    """Why the next action is what it is."""
    return _ASKED_FOR_NONE if state.contact.has_opted_out else rulebook.decisions.decide(assessment).because


def _stage_since(state: LeadState, assessment: Assessment, rulebook: CompiledRulebook) -> Millis:
    """Since when the lead is in its stage; a score that only falls cannot have left it and come back."""
    if assessment.stage == state.natural_stage and has_simple_passage(state, rulebook):
        return state.stage_since
    return pass_time(state, assessment.at, rulebook).since


def rounded_parts(parts: tuple[Reason, ...], total: float) -> tuple[Reason, ...]:
    """The parts in hundredths that still sum to the total in hundredths (largest remainder method)."""
    exact = [part.points * 100 for part in parts]
    cents = [_in_cents(part.points) for part in parts]
    missing = _in_cents(total) - sum(cents)
    step = 1 if missing > 0 else -1
    furthest = sorted(range(len(parts)), key=lambda i: (step * (cents[i] - exact[i]), parts[i].rule_id))
    for i in furthest[: abs(missing)]:
        cents[i] += step
    return tuple(_rounded(part, value) for part, value in zip(parts, cents, strict=True))


def _rounded(part: Reason, points: int) -> Reason:
    """The part with so many hundredths, and terms in hundredths that sum to them.

    What rounding leaves over goes to what decay took, else to what the cap took, else to what the events gave.
    """
    raw, faded, clamped = (_in_cents(term) for term in (part.raw_points, part.faded, part.clamped))
    rest = points - raw - faded - clamped
    if faded:
        faded += rest
    elif clamped:
        clamped += rest
    else:
        raw += rest
    return replace(part, points=points / 100, raw_points=raw / 100, faded=faded / 100, clamped=clamped / 100)


def _in_cents(points: float) -> int:
    return round(round(points, 2) * 100)


def _cents(points: float) -> float:
    """The points in hundredths, half to even; never minus zero."""
    return round(points, 2) + 0.0

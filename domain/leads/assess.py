"""The assessment of a lead at any moment from its last event on. Decay needs no job: it is computed here."""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from domain.decisions.assessment import Assessment, Mark, Measurements
from domain.instant import Millis
from domain.leads.state import Lead, LeadState
from domain.rulebooks.rulebook import CompiledRulebook, Rulebook
from domain.scoring.breakdown import Score

__all__ = ["assess", "assess_at_mark", "assessed", "stage_at"]


def assess(lead: Lead[Mark], as_of: Millis, rulebook: Rulebook) -> Assessment:
    """What the lead looks like at `as_of`, which must not be before its clock."""
    calls = rulebook.calls
    total = calls.total(lead.score, as_of)
    return _assess(lead, as_of, total, stage_at(lead, total.score, as_of, calls), calls)


def assess_at_mark(lead: Lead[Mark], calls: CompiledRulebook) -> Assessment:
    """What the lead looked like at its mark, the moment of its last event."""
    at = lead.assessment.at
    return _assess(lead, at, calls.total(lead.score, at), lead.assessment.stage, calls)


def assessed(lead: Lead[Mark], calls: CompiledRulebook) -> LeadState:
    """The lead with everything measured at its mark."""
    return cast("LeadState", replace(lead, assessment=assess_at_mark(lead, calls)))


def stage_at(lead: Lead[Mark], score: float, as_of: Millis, calls: CompiledRulebook) -> str:
    """The stage at `as_of`, when the lead has `score` points."""
    if lead.override is not None and (held := calls.overridden(lead.override, as_of)):
        return held
    return calls.settle(lead.natural_stage, score)


def _assess(lead: Lead[Mark], at: Millis, total: Score, stage: str, calls: CompiledRulebook) -> Assessment:
    velocity = calls.read_velocity(lead.velocity, at)
    risk = calls.read_risk(lead.risk, at)
    measured = (
        at,
        total.score,
        stage,
        velocity.velocity,
        risk.band,
        calls.grade(total),
        velocity.momentum,
        velocity.surge,
        risk.probability,
        lead.contact.open_conversation,
        lead.contact.suppressed,
    )
    return Assessment(*measured, next_action=calls.decide(Measurements(*measured)).action)

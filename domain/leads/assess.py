"""The assessment of a lead at any moment from its last event on. Decay is computed here, so it needs no job."""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from domain.decisions.assessment import Assessment, Mark, Measurements
from domain.instant import Millis
from domain.leads.passage import has_simple_passage, pass_time
from domain.leads.state import Lead, LeadState
from domain.rulebooks.compiled import CompiledRulebook
from domain.scoring.breakdown import Score

__all__ = ["assess", "assess_at_mark", "assess_total", "assessed", "stage_at"]


def assess(lead: Lead[Mark], as_of: Millis, rulebook: CompiledRulebook) -> Assessment:
    """The lead at `as_of`, which must not be before its clock."""
    return assess_total(lead, as_of, rulebook.score.total(lead.score, as_of), rulebook)


def assess_total(lead: Lead[Mark], as_of: Millis, total: Score, rulebook: CompiledRulebook) -> Assessment:
    """The same, with the score at `as_of` that the caller has."""
    return _assess(lead, as_of, total, stage_at(lead, total.score, as_of, rulebook), rulebook)


def assess_at_mark(lead: Lead[Mark], rulebook: CompiledRulebook) -> Assessment:
    """The lead at its mark, the moment of its last event."""
    at = lead.assessment.at
    return _assess(lead, at, rulebook.score.total(lead.score, at), lead.assessment.stage, rulebook)


def assessed(lead: Lead[Mark], rulebook: CompiledRulebook) -> LeadState:
    """The lead with everything measured at its mark."""
    return cast("LeadState", replace(lead, assessment=assess_at_mark(lead, rulebook)))


def stage_at(lead: Lead[Mark], score: float, as_of: Millis, rulebook: CompiledRulebook) -> str:
    """The stage at `as_of`, which must not be before the lead's clock, when it has `score` points."""
    if has_simple_passage(lead, rulebook):
        return rulebook.stages.settle(lead.natural_stage, score)
    return pass_time(lead, as_of, rulebook).stage


def _assess(lead: Lead[Mark], at: Millis, total: Score, stage: str, rulebook: CompiledRulebook) -> Assessment:
    velocity = rulebook.velocity.measure(lead.velocity, at)
    risk = rulebook.risk.estimate(lead.risk, at)
    measured = (
        at,
        total.score,
        stage,
        velocity.velocity,
        risk.band,
        rulebook.score.grade(total),
        velocity.momentum,
        velocity.surge,
        risk.probability,
        lead.contact.open_conversation,
        lead.contact.suppressed,
        lead.outcome.name,
        lead.contact.closed_channels,
    )
    return Assessment(*measured, next_action=rulebook.decisions.decide(Measurements(*measured)).action)

"""The folded state of a lead, as stored: of bounded size however long its stream."""

from __future__ import annotations

from msgspec import Struct

from domain.decisions.assessment import Reading
from domain.decisions.contact import ContactState
from domain.decisions.stage import Override
from domain.instant import Millis
from domain.rulebooks.rulebook import RiskState, Rulebook, ScoreState, VelocityState

__all__ = ["LeadState", "initial_state"]


class LeadState(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """Everything remembered of a lead, of bounded size however long its stream.

    `position` is that of the last event folded in, `clock` the latest moment at which any of them occurred, and
    `reading` what the lead looked like then. `natural_stage` is the stage that the score alone gives.
    """

    lead_id: str
    rulebook: str
    reading: Reading
    stage_since: Millis
    natural_stage: str
    score: ScoreState
    velocity: VelocityState
    risk: RiskState
    contact: ContactState = ContactState()
    override: Override | None = None
    position: int = 0
    clock: Millis = 0
    activities: int = 0
    first_activity_at: Millis | None = None
    last_activity_at: Millis | None = None
    tags: tuple[str, ...] = ()
    decay_written_at: Millis = 0
    """The moment up to which the decay job has written down what time changed."""


def initial_state(lead_id: str, rulebook: Rulebook) -> LeadState:
    """A lead of which nothing has happened yet."""
    risk, lowest = rulebook.risk_model.initial(), rulebook.stages.lowest
    return LeadState(
        lead_id=lead_id,
        rulebook=rulebook.label,
        reading=Reading(0, 0.0, lowest, 0.0, rulebook.risk_model.read(risk, 0).band),
        stage_since=0,
        natural_stage=lowest,
        score=rulebook.score_model.initial(),
        velocity=rulebook.velocity_model.initial(),
        risk=risk,
    )

"""The folded state of a lead: of bounded size however long its stream."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from domain.accounts.company import Company
from domain.decisions.assessment import Assessment, Mark
from domain.decisions.contact import ContactState
from domain.decisions.outcome import Outcome
from domain.decisions.stage import Override
from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.outreach.lead_status import Correspondence
from domain.rulebooks.compiled import CompiledRulebook, RiskState, ScoreState, VelocityState

__all__ = ["FOLD_VERSION", "Lead", "LeadState", "initial_state", "is_current"]

FOLD_VERSION = 5
"""The version of the fold itself; a state of another one is outdated, as one of another rulebook is."""

M_co = TypeVar("M_co", bound=Mark, covariant=True)


class Lead(Struct, Generic[M_co], frozen=True, gc=False, kw_only=True, rename="camel"):
    """Everything remembered of a lead.

    Events are folded in the order in which they occurred. `clock` is the moment of the last one, and `assessment` what
    the lead looked like then: no more than a `Mark` inside a fold, everything in a `LeadState`. `position` is the
    greatest position among them: all of the lead's events up to it are folded in. If its streams lie in several partitions of
    the log, the others have the greatest of theirs in `elsewhere`. `natural_stage` is the stage that
    the score alone gives, and `stage_since` the moment at which the lead came into its stage.
    """

    lead_id: str
    rulebook: str
    assessment: M_co = field(name="reading")
    stage_since: Millis
    natural_stage: str
    score: ScoreState
    velocity: VelocityState
    risk: RiskState
    contact: ContactState = ContactState()
    outcome: Outcome = Outcome()
    override: Override | None = None
    correspondence: Correspondence | None = None
    """None until there was any."""
    position: int = 0
    elsewhere: tuple[int, ...] | UnsetType = UNSET
    """The positions in further partitions, in their order. Unset for nearly all leads, and then it is in no stored text."""
    clock: Millis = 0
    activities: int = 0
    first_activity_at: Millis | None = None
    last_activity_at: Millis | None = None
    tags: tuple[str, ...] = ()
    tags_overflowed: bool = False
    """Whether there were more tags than are kept, so that some are missing."""
    owner_id: str | None = None
    company: Company | None = None
    """What its events say of its company; None if none does."""
    decay_written_at: Millis = 0
    """The moment up to which decay events record the passing of time."""
    events: int = 0
    """How many events are folded in."""
    fold_version: int = 1

    @property
    def applied(self) -> AppliedPositions:
        """How far it has been folded, in each partition of the log."""
        return AppliedPositions(self.position, () if self.elsewhere is UNSET else self.elsewhere)


LeadState: TypeAlias = Lead[Assessment]
"""A lead of which everything is measured: the result of a fold, and the only form that may be stored or shown."""


def initial_state(lead_id: str, rulebook: CompiledRulebook) -> LeadState:
    """A lead of which nothing has happened yet."""
    risk, lowest = rulebook.risk.initial(), rulebook.stages.lowest
    band = rulebook.risk.estimate(risk, 0).band
    return Lead(
        lead_id=lead_id,
        rulebook=rulebook.label,
        assessment=Assessment(0, 0.0, lowest, 0.0, band, next_action=""),
        stage_since=0,
        natural_stage=lowest,
        score=rulebook.score.initial(),
        velocity=rulebook.velocity.initial(),
        risk=risk,
        fold_version=FOLD_VERSION,
    )


def is_current(state: LeadState, rulebook: CompiledRulebook) -> bool:
    """Whether the state was folded by this program under this rulebook; otherwise it is outdated."""
    return state.rulebook == rulebook.label and state.fold_version == FOLD_VERSION

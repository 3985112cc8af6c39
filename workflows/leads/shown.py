"""What lists show of a lead: the lead as of the moment of writing, and when time may change it."""

from __future__ import annotations

from domain.instant import Millis
from domain.leads.assess import assess
from domain.leads.state import LeadState
from domain.leads.time_changes import look_again_at
from domain.rulebooks.compiled import CompiledRulebook
from engine.leads.lead_document import Shown

__all__ = ["shown_at"]


def shown_at(state: LeadState, now: Millis, rulebook: CompiledRulebook) -> Shown:
    """The lead at `now`, or at its last event if our clock is behind."""
    found = assess(state, now, rulebook) if now > state.clock else state.assessment
    return Shown(found, look_again_at(state, found, rulebook))

"""The change that one event made to a lead, for the triggers of automations: the lead before and after."""

from __future__ import annotations

from domain.automations.trigger import LeadChange, Outlook
from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import Millis
from domain.leads.assess import assess, assess_at_mark
from domain.leads.stage_forecast import forecast_drop
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["change_by", "outlook_of", "risk_bands"]


def change_by(event: Event, before: Lead[Mark], after: Lead[Mark], rulebook: CompiledRulebook) -> LeadChange:
    """The lead before and after the event.

    Before an activity is the moment just before it, so that decay events in between make no difference; before all else
    is the last history row.
    """
    now = assess_at_mark(after, rulebook)
    if event.is_activity and before.position:
        return LeadChange(event, assess(before, after.clock, rulebook), now)
    last = assess_at_mark(before, rulebook)
    if event.type != SCORE_DECAYED:
        return LeadChange(event, last, now)
    return LeadChange(event, last, now, outlook_of(after, after.clock, before.decay_written_at, rulebook))


def outlook_of(
    lead: Lead[Mark], as_of: Millis, recorded_until: Millis, rulebook: CompiledRulebook
) -> Outlook:
    """The outlook of the lead at `as_of`; with the forecast of a drop only if a trigger needs it."""
    drop = forecast_drop(lead, as_of, rulebook) if rulebook.automations.needs_forecast else None
    return Outlook(lead.last_activity_at, recorded_until, drop.at if drop else None)


def risk_bands(
    before: Lead[Mark], after: Lead[Mark], event: Event, rulebook: CompiledRulebook
) -> tuple[str, str]:
    """The bands of risk before and after that `change_by` compares."""
    estimate = rulebook.risk.estimate
    then = after.clock if event.is_activity and before.position else before.assessment.at
    return estimate(before.risk, then).band, estimate(after.risk, after.clock).band

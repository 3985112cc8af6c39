"""The fold of a lead: from a state and further events to the next state, history rows and firings."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from domain.automations.firing import Firing, firings
from domain.automations.trigger import ShallowChange
from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.leads.assess import assessed
from domain.leads.change import change_by, risk_bands
from domain.leads.history_row import HistoryRow
from domain.leads.state import Lead, LeadState
from domain.leads.step import step
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Folded", "evolve", "fold"]


class Folded(Struct, frozen=True, gc=False):
    """A lead after some events, the history they left and the automations they fired."""

    state: LeadState
    rows: tuple[HistoryRow, ...]
    firings: tuple[Firing, ...]


def evolve(state: LeadState, event: Event, rulebook: CompiledRulebook) -> tuple[LeadState, HistoryRow]:
    """The lead after one more event, and the row of history it leaves."""
    after, row, _ = step(state, event, rulebook)
    return assessed(after, rulebook), row


def fold(state: LeadState, events: Iterable[Event], rulebook: CompiledRulebook) -> Folded:
    """Fold events in position order, collecting history and firings."""
    rows: list[HistoryRow] = []
    fired: list[Firing] = []
    lead: Lead[Mark] = state
    may_trigger = rulebook.automations.may_trigger
    for event in events:
        before = lead
        lead, row, stage_before = step(lead, event, rulebook)
        rows.append(row)
        if may_trigger(event.type, stage_before, lead.assessment.stage):
            fired += _fired(before, lead, event, stage_before, rulebook)
    return Folded(assessed(lead, rulebook) if rows else state, tuple(rows), tuple(fired))


def _fired(
    before: Lead[Mark], after: Lead[Mark], event: Event, stage_before: str, rulebook: CompiledRulebook
) -> tuple[Firing, ...]:
    """The automations that the event fires; everything is measured only if any of them could."""
    bands = risk_bands(before, after, event, rulebook)
    shallow = ShallowChange(event.type, stage_before, after.assessment.stage, *bands)
    candidates = [rule for rule in rulebook.automations.rules if rule.could_fire(shallow)]
    return firings(candidates, change_by(event, before, after, rulebook)) if candidates else ()

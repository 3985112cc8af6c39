"""The fold of a lead: from a state and further events to the next state, history rows and firings."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

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

__all__ = ["Folded", "evolve", "fold", "fold_event", "in_time_order", "is_late", "refold"]


class Folded(Struct, frozen=True, gc=False):
    """A lead after some events, the history they left and the automations they fired."""

    state: LeadState
    rows: tuple[HistoryRow, ...]
    firings: tuple[Firing, ...]


_TIME, _POSITION = attrgetter("occurred_at"), attrgetter("position")


def in_time_order(events: Iterable[Event]) -> list[Event]:
    """Events in the order in which they occurred; those of the same millisecond in the order in which they arrived."""
    ordered = sorted(events, key=_POSITION)
    ordered.sort(key=_TIME)  # stable; two sorts by numbers cost half of one by pairs
    return ordered


def is_late(event: Event, state: Lead[Mark]) -> bool:
    """Whether an event that has arrived comes before one that the state has, so that the lead has to be folded again.

    One of the same moment as the last one comes after it, but in another partition of the log its position may be smaller.
    """
    if event.occurred_at == state.clock:
        return event.position < state.position
    return event.occurred_at < state.clock and state.position > 0


def evolve(state: LeadState, event: Event, rulebook: CompiledRulebook) -> tuple[LeadState, HistoryRow]:
    """The lead after one more event, which must not be late, and the row of history it leaves."""
    after, row, _ = step(state, event, rulebook)
    return assessed(after, rulebook), row


def fold(state: LeadState, events: Iterable[Event], rulebook: CompiledRulebook) -> Folded:
    """Fold events, given in any order, in the order in which they occurred; collects history and firings.

    Raises `ValueError` if one of them is late: those are for `fold_again`.
    """
    rows: list[HistoryRow] = []
    fired: list[Firing] = []
    lead: Lead[Mark] = state
    for event in _not_late(state, events):
        lead, row, new = fold_event(lead, event, rulebook)
        rows.append(row)
        fired += new
    return Folded(assessed(lead, rulebook) if rows else state, tuple(rows), tuple(fired))


def fold_event(
    before: Lead[Mark], event: Event, rulebook: CompiledRulebook
) -> tuple[Lead[Mark], HistoryRow, tuple[Firing, ...]]:
    """The lead after one more event, which must not be late, of which nothing but score and stage is measured."""
    lead, row, stage_before = step(before, event, rulebook)
    if rulebook.automations.may_trigger(event.type, stage_before, lead.assessment.stage):
        return lead, row, _fired(before, lead, event, stage_before, rulebook)
    return lead, row, ()


def refold(state: LeadState, events: Iterable[Event], rulebook: CompiledRulebook) -> Folded:
    """The same state and rows as `fold` without the firings, for events that have fired already what they do."""
    rows: list[HistoryRow] = []
    lead: Lead[Mark] = state
    for event in _not_late(state, events):
        lead, row, _ = step(lead, event, rulebook)
        rows.append(row)
    return Folded(assessed(lead, rulebook) if rows else state, tuple(rows), ())


def _not_late(state: LeadState, events: Iterable[Event]) -> list[Event]:
    ordered = in_time_order(events)
    if ordered and ordered[0].occurred_at < state.clock and state.position:
        raise ValueError(f"event {ordered[0].event_id} occurred before others of lead {state.lead_id}")
    return ordered


def _fired(
    before: Lead[Mark], after: Lead[Mark], event: Event, stage_before: str, rulebook: CompiledRulebook
) -> tuple[Firing, ...]:
    """The automations that the event fires; everything is measured only if any of them could."""
    bands = risk_bands(before, after, event, rulebook)
    shallow = ShallowChange(event.type, stage_before, after.assessment.stage, *bands)
    candidates = [rule for rule in rulebook.automations.rules if rule.could_fire(shallow)]
    return firings(candidates, change_by(event, before, after, rulebook)) if candidates else ()

"""The engine's answers about leads that the calculation describes by facts."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.leads.assess import assessed
from domain.leads.fold import fold
from domain.leads.intelligence import Intelligence, intelligence
from domain.leads.state import Lead, initial_state
from domain.leads.step import step
from domain.rulebooks.compiled import CompiledRulebook
from tests.reference.calculation import Fact

LEAD = "ada"


def event_of(fact: Fact) -> Event:
    return Event(
        position=fact.position,
        event_id=f"event-{fact.position}",
        lead_id=LEAD,
        type=fact.type,
        occurred_at=fact.occurred_at,
        received_at=fact.received_at,
        source=fact.source,
        properties=dict(fact.properties),
    )


def folded_answer(facts: Iterable[Fact], rulebook: CompiledRulebook, as_of: int) -> Intelligence:
    """The lead at `as_of` by the pure fold of what had occurred by then, given in any order."""
    events = [event_of(fact) for fact in facts if fact.at <= as_of]
    return intelligence(fold(initial_state(LEAD, rulebook), events, rulebook).state, as_of, rulebook)


def folded_as_arrived(facts: Iterable[Fact], rulebook: CompiledRulebook, as_of: int) -> Intelligence:
    """The control: a fold that takes events in the order given, each as if it happened when the latest before it did."""
    lead: Lead[Mark] = initial_state(LEAD, rulebook)
    for fact in facts:
        if fact.at <= as_of:
            lead, _, _ = step(lead, replace(event_of(fact), occurred_at=max(lead.clock, fact.at)), rulebook)
    return intelligence(assessed(lead, rulebook), as_of, rulebook)

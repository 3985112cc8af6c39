"""The engine's answers about leads that the calculation describes by facts."""

from __future__ import annotations

from collections.abc import Iterable

from domain.events.event import Event
from domain.leads.fold import fold
from domain.leads.intelligence import Intelligence, intelligence
from domain.leads.state import initial_state
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
    """The lead at `as_of` by the pure fold of what had occurred by then, in the order given."""
    events = [event_of(fact) for fact in facts if fact.at <= as_of]
    return intelligence(fold(initial_state(LEAD, rulebook), events, rulebook).state, as_of, rulebook)

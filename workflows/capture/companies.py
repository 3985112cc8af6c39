"""What events say of companies, read before personal fields are encrypted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from domain.accounts.company_facts import company_facts
from domain.events.event import Json, NewEvent
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput

__all__ = ["CompanyFacts", "company_facts_of", "with_company"]

CompanyFacts = Mapping[str, Json]
"""Properties to add to an event."""


def company_facts_of(runtime: Runtime, events: Sequence[EventInput]) -> Sequence[CompanyFacts]:
    """The facts of each event; of most events none."""
    if not runtime.settings.company_facts:
        return [{}] * len(events)
    free_mail = runtime.accounts.free_mail
    return [company_facts(one.type, one.identifiers, one.properties, free_mail) for one in events]


def with_company(event: NewEvent, facts: CompanyFacts) -> NewEvent:
    """The event with these properties too. Its hash stays that of what was sent."""
    return replace(event, properties={**event.properties, **facts}) if facts else event

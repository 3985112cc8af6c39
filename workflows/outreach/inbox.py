"""The inbox: leads that wait for an answer, each with what it wrote last."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from domain.events.event import Event
from domain.instant import Millis
from engine.leads.lead_document import LeadSummary
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from workflows.privacy.encrypt import opened

__all__ = ["Conversation", "last_received", "read_conversations"]

_LOOKED_AT = 5
"""Of the newest events that open a conversation some may be discarded or retracted."""


class Conversation(Struct, frozen=True):
    """A lead that waits for an answer since a moment; `last` is the newest event with which it wrote."""

    lead: LeadSummary
    since: Millis
    last: Event | None


async def read_conversations(
    runtime: Runtime, owners: Collection[str | None] | None, limit: int, after: Keyset | None
) -> list[Conversation]:
    """The next leads of these owners, or of all, that wait for an answer, the longest first.

    Which types of events ask for an answer, and which give it, is said by the rulebook (`contact`).
    """
    waiting = await runtime.leads.lists.waiting(owners, limit, after)
    leads = await runtime.leads.lists.summaries([lead_id for lead_id, _ in waiting])
    return [
        Conversation(leads[lead_id], since, await last_received(runtime, lead_id))
        for lead_id, since in waiting
        if lead_id in leads
    ]


async def last_received(runtime: Runtime, lead_id: str) -> Event | None:
    """The newest event with which the lead asks for an answer, decrypted; None if all were discarded."""
    opens = runtime.rulebook.contact.opens
    found = await runtime.capture.events.latest_of_lead(lead_id, opens, _LOOKED_AT)
    counts = [event for event in found if event.type in opens]
    return next(iter(await opened(runtime, counts[:1])), None)

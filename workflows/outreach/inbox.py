"""The inbox: leads that wait for an answer, each with what it wrote last."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from msgspec import Struct

from domain.decisions.contact import ContactState
from domain.events.event import Event
from domain.instant import Millis
from engine.leads.lead_document import LeadSummary
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from workflows.privacy.encrypt import opened

__all__ = ["Conversation", "Conversations", "last_received", "read_conversations"]

_MAX_PAGES = 10
"""Pages that are looked through for one of a channel."""
_LOOKED_AT = 5
"""Of the newest events that open a conversation some may be discarded or retracted."""


class Conversation(Struct, frozen=True):
    """A lead that waits for an answer since a moment; `last` is the newest event with which it wrote, `contact` its contact state."""

    lead: LeadSummary
    since: Millis
    last: Event | None
    contact: ContactState

    @property
    def channel(self) -> str | None:
        """The channel by which the lead wrote last; None if it is not known."""
        channel = None if self.last is None else self.last.properties.get("channel")
        return channel if isinstance(channel, str) else None


class Conversations(NamedTuple):
    """Conversations, and where to go on if the search ended before the list."""

    rows: list[Conversation]
    resume: Keyset | None = None


async def read_conversations(
    runtime: Runtime,
    owners: Collection[str | None] | None,
    limit: int,
    after: Keyset | None,
    channel: str | None = None,
) -> Conversations:
    """The next leads of these owners, or of all, that wait for an answer, the longest first.

    With `channel` those that wrote last by it: ten times `limit` leads are looked at for them at most. Which types of
    events ask for an answer, and which give it, is said by the rulebook (`contact`).
    """
    rows: list[Conversation] = []
    for _ in range(_MAX_PAGES):
        waiting = await runtime.leads.lists.waiting(owners, limit, after)
        found = await _conversations(runtime, waiting)
        rows += [one for one in found if channel in (None, one.channel)]
        if len(waiting) < limit or len(rows) >= limit:
            return Conversations(rows[:limit])
        lead_id, since = waiting[-1]
        after = since, lead_id
    return Conversations(rows, after)


async def _conversations(runtime: Runtime, waiting: list[tuple[str, Millis]]) -> list[Conversation]:
    ids = [lead_id for lead_id, _ in waiting]
    leads, states = await runtime.leads.lists.summaries(ids), await runtime.leads.states.get_many(ids)
    return [
        Conversation(leads[lead_id], since, await last_received(runtime, lead_id), states[lead_id].contact)
        for lead_id, since in waiting
        if lead_id in leads and lead_id in states
    ]


async def last_received(runtime: Runtime, lead_id: str) -> Event | None:
    """The newest event with which the lead asks for an answer, decrypted; None if all were discarded."""
    opens = runtime.rulebook.contact.opens
    found = await runtime.capture.events.latest_of_lead(lead_id, opens, _LOOKED_AT)
    counts = [event for event in found if event.type in opens]
    return next(iter(await opened(runtime, counts[:1])), None)

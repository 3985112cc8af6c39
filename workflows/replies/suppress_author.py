"""Suppression of who asks in a reply not to be written to: every known address of the lead."""

from __future__ import annotations

from domain.events.event import Event
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.outreach.references import message_references
from engine.outreach.sealed_content import open_content
from engine.outreach.suppression_store import ALL, NewEntry
from engine.runtime import Runtime
from workflows.outreach.facts import ADDRESS_KINDS
from workflows.outreach.recipient import known_address

__all__ = ["suppress_author"]

_WHY = "the recipient has asked in a reply not to be written to"


async def suppress_author(runtime: Runtime, reply: Event, channels: tuple[str, ...] = ()) -> None:
    """Suppress the lead in these channels, else in all; the personal fields of the reply must be opened. Repeating it changes nothing."""
    entries = await _entries(runtime, reply, channels)
    await runtime.outreach.suppressions.add(entries, runtime.now())


async def _entries(runtime: Runtime, event: Event, channels: tuple[str, ...]) -> list[NewEntry]:
    """An entry per address of the lead, and for the one that our message went to which is answered; in these channels, else in all."""
    found: set[tuple[str, str]] = set()
    kinds = set(ADDRESS_KINDS.values())
    streams = await runtime.identity.streams.of_lead(event.stream_id)
    for channel, kind in ADDRESS_KINDS.items():
        if (address := await known_address(runtime, event.stream_id, channel)) is not None:
            found |= _normal(kind, address, runtime.identity.phone_region)
    for stream in streams:
        async for one in runtime.identity.identities.of_lead(stream):
            if one.identifier is not None and one.identifier.kind in kinds:
                found.add((one.identifier.kind, one.identifier.value))
    for message_id in message_references(event):
        message = await runtime.outreach.messages.find(message_id)
        if message is None or message.lead_id not in streams:
            continue
        content = open_content(message.sealed, await runtime.privacy.keys.find(message.lead_id))
        if content is not None:
            found.add((ADDRESS_KINDS.get(message.channel, message.channel), content.to))
    scopes = [name for name in channels if name in runtime.outreach.channels] if channels else [ALL]
    return [
        NewEntry(scope=scope, kind=kind, value=value, why=_WHY, source="reply", lead_id=event.stream_id)
        for scope in scopes
        for kind, value in sorted(found)
        if scope == ALL or kind == ADDRESS_KINDS.get(scope, scope)
    ]


def _normal(kind: str, address: str, region: str) -> set[tuple[str, str]]:
    """The address as entries have it; nothing if it is none, for it may be any property of an event."""
    try:
        return {(kind, normalised(kind, address, region).value)}
    except NotAnIdentifier:
        return set()

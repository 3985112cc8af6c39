"""Reports and replies that name one of our messages: they are about that message and the lead that it went to.

A message is named by our id, a token in an address or a Message-ID, else by the provider's id. A reply that names none is
the lead's that has the address, else that of the lead to whom we wrote last at this address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from domain.hooks.request import HookEvent
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.outreach.references import references_in
from domain.outreach.withhold import REPLIES
from engine.runtime import Runtime
from workflows.identity.find import find

__all__ = ["with_our_messages"]

_PROVIDER_IDS = ("providerId", "inReplyTo")


async def with_our_messages(runtime: Runtime, events: Sequence[HookEvent]) -> list[HookEvent]:
    """The events; those that name a message of ours are about it and, unless they name a lead, about its lead."""
    store = runtime.outreach.messages
    named = {one for event in events for one in references_in(event.properties)}
    lead_of = await store.leads_of(named) if named else {}
    found = [_about(event, _first(references_in(event.properties), lead_of), lead_of) for event in events]
    return [await _by_address(runtime, event) for event in await _by_provider_id(runtime, found)]


async def _by_provider_id(runtime: Runtime, found: list[HookEvent]) -> list[HookEvent]:
    others = {one for event in found if "messageId" not in event.properties for one in _provider_ids(event)}
    if not others:
        return found
    known = await runtime.outreach.messages.by_provider_ids(others)
    lead_of = dict(known.values())
    ids = {provider_id: message_id for provider_id, (message_id, _) in known.items()}
    return [
        event
        if "messageId" in event.properties
        else _about(event, ids.get(_first(_provider_ids(event), ids) or ""), lead_of)
        for event in found
    ]


async def _by_address(runtime: Runtime, event: HookEvent) -> HookEvent:
    """A reply with the lead to whom we wrote at the address that it comes from, unless the address is a lead's."""
    if event.lead_id is not None or event.type not in REPLIES:
        return event
    index = await runtime.identity.identities.blind_index()
    for kind, value in event.identifiers.items():
        try:
            identifier = normalised(kind, value, runtime.identity.phone_region)
        except NotAnIdentifier:
            continue
        if await find(runtime, identifier) is not None:
            return event
        lead_id = await runtime.outreach.messages.lead_written_to(index.key_of(identifier))
        if lead_id is not None:
            return replace(event, lead_id=lead_id)
    return event


def _provider_ids(event: HookEvent) -> list[str]:
    given = (event.properties.get(name) for name in _PROVIDER_IDS)
    return [one.strip("<>") for one in given if isinstance(one, str) and one]


def _first(names: Iterable[str], known: Mapping[str, object]) -> str | None:
    return next((one for one in names if one in known), None)


def _about(event: HookEvent, message_id: str | None, lead_of: Mapping[str, str]) -> HookEvent:
    if message_id is None:
        return event
    properties = {**event.properties, "messageId": message_id}
    return replace(event, properties=properties, lead_id=event.lead_id or lead_of[message_id])

"""Reports that name one of our messages by the provider's id: they are about that message and the lead that it went to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from domain.hooks.request import HookEvent
from domain.outreach.references import references_in
from engine.runtime import Runtime

__all__ = ["with_our_messages"]

_MAX_EVENTS = 20
"""Of one request that are looked up one by one: senders of long batches name our own id."""


async def with_our_messages(runtime: Runtime, events: Sequence[HookEvent]) -> list[HookEvent]:
    """The events; those whose provider's id, or that of the message they answer, is known name our message and its lead."""
    if len(events) > _MAX_EVENTS:
        return list(events)
    return [await _known(runtime, event) for event in events]


async def _known(runtime: Runtime, event: HookEvent) -> HookEvent:
    if next(references_in(event.properties), None) is not None:
        return event
    for name in ("providerId", "inReplyTo"):
        given = event.properties.get(name)
        if not isinstance(given, str) or not given:
            continue
        message = await runtime.outreach.messages.by_provider_id(given)
        if message is not None:
            properties = {**event.properties, "messageId": message.unit_id}
            return replace(event, properties=properties, lead_id=event.lead_id or message.lead_id)
    return event

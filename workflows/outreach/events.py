"""Events of outreach in the stream of the lead, each with an id of its own, so that repeating one changes nothing."""

from __future__ import annotations

from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from engine.campaigns.campaign import CAMPAIGN
from engine.capture.deduplication import Appended
from engine.outreach.message import Message
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed

__all__ = ["append_message_event"]


async def append_message_event(
    runtime: Runtime,
    message: Message,
    kind: str,
    properties: dict[str, Json] | None = None,
    *,
    number: int = 0,
) -> Appended:
    """Append an event of this type about the message, once per type (and `number`, for what may happen again)."""
    event_id = f"{message.unit_id}:{kind.partition('.')[2]}" + (f":{number}" if number else "")
    at = runtime.now()
    event = NewEvent(
        event_id=event_id,
        lead_id=message.lead_id,
        type=kind,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={
            "messageId": message.unit_id,
            "channel": message.channel,
            **({"campaign": message.author.id} if message.author.kind == CAMPAIGN else {}),
            **(properties or {}),
        },
    )
    (appended,) = await append_sealed(runtime, [event])
    return appended

"""Messages of a lead with what became of each: read from the store of messages and from the events of the lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from domain.events.event import Event
from domain.outreach.references import message_references
from domain.outreach.status import MESSAGE_EVENTS, MessageStatus, message_status
from engine.outreach.message import Content, Message
from engine.outreach.sealed_content import open_content
from engine.privacy.lead_key import LeadKey
from engine.runtime import Runtime

__all__ = ["Delivery", "deliveries_of"]


class Delivery(Struct, frozen=True):
    """A message, its content unless that was erased, the events that name it, oldest first, and its status."""

    message: Message
    content: Content | None
    events: tuple[Event, ...]
    status: MessageStatus


async def deliveries_of(runtime: Runtime, messages: Sequence[Message]) -> list[Delivery]:
    """The messages, each with its content and its history. Discarded and retracted events do not count."""
    events: dict[str, list[Event]] = defaultdict(list)
    keys: dict[str, LeadKey | None] = {}
    for lead_id in dict.fromkeys(message.lead_id for message in messages):
        keys[lead_id] = await runtime.privacy.keys.find(lead_id)
        for event in await runtime.capture.events.of_lead(lead_id, types=MESSAGE_EVENTS):
            if named := next(message_references(event), None):
                events[named].append(event)
    return [
        _delivery(one, open_content(one.sealed, keys[one.lead_id]), events[one.unit_id]) for one in messages
    ]


def _delivery(message: Message, content: Content | None, events: list[Event]) -> Delivery:
    ordered = tuple(sorted(events, key=lambda one: (one.occurred_at, one.position)))
    return Delivery(message, content, ordered, message_status(ordered) or _status_of(message))


def _status_of(message: Message) -> MessageStatus:
    """The status while no event says anything yet."""
    return "planned" if message.state in ("waiting", "retrying") else "failed"

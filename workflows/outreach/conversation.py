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

__all__ = ["MAX_SHOWN", "Delivery", "deliveries_by_channel", "deliveries_of"]

MAX_SHOWN = 20
"""Messages that are shown beside a lead; the others are in the list of messages."""


_NOT_SENT = frozenset({"planned", "withheld", "unknown", "failed"})


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
        since = _first_position([one for one in messages if one.lead_id == lead_id])
        for event in await runtime.capture.events.of_lead(lead_id, since=since, types=MESSAGE_EVENTS):
            if named := next(message_references(event), None):
                events[named].append(event)
    return [
        _delivery(one, open_content(one.sealed, keys[one.lead_id]), events[one.unit_id]) for one in messages
    ]


def _first_position(messages: Sequence[Message]) -> int:
    """Where the events about these messages begin: before its plan there is none about a message."""
    return min(one.planned_position or 0 for one in messages)


async def deliveries_by_channel(runtime: Runtime, lead_id: str) -> tuple[dict[str, list[Delivery]], bool]:
    """The latest messages to a lead by channel, newest first, and whether there are more than `MAX_SHOWN`."""
    streams = await runtime.identity.streams.of_lead(lead_id)
    found = await runtime.outreach.messages.page(lead_id=streams, after=None, limit=MAX_SHOWN + 1)
    channels: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in await deliveries_of(runtime, found[:MAX_SHOWN]):
        channels[delivery.message.channel].append(delivery)
    return dict(sorted(channels.items())), len(found) > MAX_SHOWN


def _delivery(message: Message, content: Content | None, events: list[Event]) -> Delivery:
    ordered = tuple(sorted(events, key=lambda one: (one.occurred_at, one.position)))
    status = message_status(ordered) or _status_of(message)
    if message.discarded_because is not None and status in _NOT_SENT:
        status = "discarded"
    return Delivery(message, content, ordered, status)


def _status_of(message: Message) -> MessageStatus:
    """The status while no event says anything yet."""
    return "planned" if message.state in ("waiting", "retrying") else "failed"

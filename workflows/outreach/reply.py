"""Replies of leads: an event in the lead's stream, after which nothing that was planned before goes out."""

from __future__ import annotations

import uuid

from msgspec import Struct

from domain.errors import Fault, Invalid, NotFound
from domain.events.event import Json
from domain.outreach.vocabulary import MESSAGE_RECEIVED
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

__all__ = ["NewReply", "record_reply"]


class NewReply(Struct, frozen=True, kw_only=True):
    """What a lead has written to us; `in_reply_to` is the id of our message that it answers, if that is known."""

    channel: str
    text: str
    subject: str = ""
    in_reply_to: str | None = None
    event_id: str | None = None


async def record_reply(runtime: Runtime, lead_id: str, reply: NewReply) -> Appended:
    """Append the reply. Raises `NotFound` for a lead without events, `Invalid` for a message that is not this lead's."""
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    if reply.in_reply_to is not None:
        message = await runtime.outreach.messages.find(reply.in_reply_to)
        if message is None or message.lead_id not in await runtime.identity.streams.of_lead(lead_id):
            raise Invalid("Nothing was recorded.", (Fault("/inReplyTo", "is no message to this lead"),))
    properties: dict[str, Json] = {"channel": reply.channel, "messageBody": reply.text}
    if reply.subject:
        properties["messageSubject"] = reply.subject
    if reply.in_reply_to is not None:
        properties["inReplyTo"] = reply.in_reply_to
    event = EventInput(
        lead_id=lead_id,
        type=MESSAGE_RECEIVED,
        event_id=reply.event_id or f"reply:{uuid.uuid4().hex}",
        source="outreach",
        properties=properties,
    )
    runtime.capture.appender.require_room()
    (appended,) = await ingest(runtime, [event])
    return appended

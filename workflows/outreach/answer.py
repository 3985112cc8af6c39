"""Answers to leads: a message that went out after the lead had written ends its waiting."""

from __future__ import annotations

from domain.events.partition import is_after
from domain.outreach.vocabulary import REP_REPLY
from engine.outreach.message import Message
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.outreach.facts import events_about_contact, planned_at

__all__ = ["record_answer"]


async def record_answer(runtime: Runtime, message: Message) -> None:
    """Append `rep_reply`, once, if a conversation was open when the message was planned and still is.

    The event is that of a person, not of the engine, so rulebooks that list it in `closesConversation` count it.
    """
    contact = runtime.rulebook.contact
    if not message.author.has_read or not contact.opens:
        return
    about = await events_about_contact(runtime, message.lead_id)
    planned, at = message.planned_position or 0, await planned_at(runtime, message, about)
    opened = [
        one.occurred_at
        for one in about
        if one.type in contact.opens and not is_after(one.position, one.received_at, planned, at)
    ]
    closed = [one.occurred_at for one in about if one.type in contact.closes]
    if not opened or max(closed, default=-1) >= max(opened):
        return
    event = EventInput(
        lead_id=message.lead_id,
        type=REP_REPLY,
        event_id=f"{message.unit_id}:answered",
        source="outreach",
        properties={"messageId": message.unit_id, "channel": message.channel},
    )
    await ingest(runtime, [event])

"""The facts on which it is decided whether a message may go out: the lead's stream and the suppression list, read now."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events.event import Event
from domain.events.partition import are_in_one
from domain.events.vocabulary import REPLY_CLASSIFIED, REPLY_JUDGED
from domain.instant import Millis
from domain.outreach.withhold import (
    FACT_TYPES,
    REPLIES,
    Reason,
    SendingFacts,
    Suppressed,
    reasons_to_withhold,
)
from domain.replies.classify import classify
from domain.replies.reply_event import reply_in
from engine.outreach.message import Content, Message
from engine.runtime import Runtime
from workflows.outreach.of_campaign import reasons_of_campaign
from workflows.outreach.of_sequence import sequence_ended
from workflows.privacy.encrypt import opened

__all__ = ["ADDRESS_KINDS", "events_about_contact", "planned_at", "reasons_now", "standing_reasons"]

ADDRESS_KINDS = {"email": "email", "whatsapp": "phone"}
"""The kind of identifier that each channel sends to; other channels have their own."""


async def reasons_now(runtime: Runtime, message: Message, content: Content) -> tuple[Reason, ...]:
    """Every reason against sending the message at this moment, from what is stored and not from what is folded."""
    stream = await events_about_contact(runtime, message.lead_id)
    facts = SendingFacts(
        channel=message.channel,
        at=runtime.now(),
        stream=stream,
        planned_position=message.planned_position or 0,
        planned_at=await planned_at(runtime, message, stream),
        suppressed=await _suppressed(runtime, message.channel, content.to),
        opt_outs=await _opt_outs(runtime, stream, message.channel),
        despite_reply=message.despite_reply,
        by_reader=message.author.has_read,
        is_template=bool(content.template),
        needs_consent=runtime.settings.consent_required,
        asks_consent=message.asks_consent,
        not_after=message.not_after,
        sequence_ended=await sequence_ended(runtime, message),
    )
    by_campaign = await reasons_of_campaign(runtime, message)
    return (*reasons_to_withhold(facts, runtime.rulebook.contact), *by_campaign)


async def planned_at(runtime: Runtime, message: Message, stream: Sequence[Event]) -> Millis:
    """When the plan of a message was received. Looked up only if an event lies in another partition than the plan."""
    position = message.planned_position or 0
    if all(are_in_one(one.position, position) for one in stream):
        return 0
    planned = (await runtime.capture.log.at_positions([position])).get(position)
    return 0 if planned is None else planned.decode().received_at


async def standing_reasons(
    runtime: Runtime,
    lead_id: str,
    channel: str,
    to: str | None,
    *,
    is_template: bool = True,
    needs_consent: bool = False,
) -> tuple[Reason, ...]:
    """Every reason against any message to the lead in this channel, whatever it says and whenever it goes out.

    Without `is_template` also those against a free text now, with `needs_consent` also that there is none.
    """
    stream = await events_about_contact(runtime, lead_id)
    facts = SendingFacts(
        channel=channel,
        at=runtime.now(),
        stream=stream,
        planned_position=0,
        suppressed=[] if to is None else await _suppressed(runtime, channel, to),
        opt_outs=await _opt_outs(runtime, stream, channel),
        despite_reply=True,
        is_template=is_template,
        needs_consent=needs_consent,
    )
    return reasons_to_withhold(facts, runtime.rulebook.contact)


async def _opt_outs(runtime: Runtime, stream: list[Event], channel: str) -> list[str]:
    """The ids of replies that are opt-outs of the channel and were neither classified nor judged yet, so that the very next message is withheld."""
    known = {
        event.properties.get("replyId") for event in stream if event.type in (REPLY_CLASSIFIED, REPLY_JUDGED)
    }
    new = [event for event in stream if event.type in REPLIES and event.event_id not in known]
    found = []
    for event in await opened(runtime, new):
        reply = reply_in(event)
        reading = classify(reply) if reply else None
        if reading and reading.refuses and channel in (reading.channels or (channel,)):
            found.append(event.event_id)
    return found


async def _suppressed(runtime: Runtime, channel: str, to: str) -> list[Suppressed]:
    kind = ADDRESS_KINDS.get(channel, channel)
    return await runtime.outreach.suppressions.met_by(channel, kind, to)


async def events_about_contact(runtime: Runtime, lead_id: str) -> list[Event]:
    """The events that make a difference to sending or to the contact state, oldest first. Concurrent callers share a query."""
    types = FACT_TYPES | runtime.rulebook.contact.types
    stream = await runtime.capture.by_type.of_lead(lead_id, types)
    return sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position))

"""The facts on which it is decided whether a message may go out: the lead's stream and the suppression list, read now."""

from __future__ import annotations

from domain.events.event import Event
from domain.outreach.withhold import FACT_TYPES, Reason, SendingFacts, Suppressed, reasons_to_withhold
from engine.outreach.message import Content, Message
from engine.runtime import Runtime

__all__ = ["ADDRESS_KINDS", "reasons_now", "standing_reasons"]

ADDRESS_KINDS = {"email": "email", "whatsapp": "phone"}
"""The kind of identifier that each channel sends to; other channels have their own."""


async def reasons_now(runtime: Runtime, message: Message, content: Content) -> tuple[Reason, ...]:
    """Every reason against sending the message at this moment, from what is stored and not from what is folded."""
    facts = SendingFacts(
        channel=message.channel,
        at=runtime.now(),
        stream=await _stream(runtime, message.lead_id),
        planned_position=message.planned_position or 0,
        suppressed=await _suppressed(runtime, message.channel, content.to),
        despite_reply=message.despite_reply,
        is_template=bool(content.template),
        needs_consent=runtime.settings.consent_required,
    )
    return reasons_to_withhold(facts, runtime.rulebook.contact)


async def standing_reasons(
    runtime: Runtime, lead_id: str, channel: str, to: str | None
) -> tuple[Reason, ...]:
    """Every reason against any message to the lead in this channel, whatever it says and whenever it goes out."""
    facts = SendingFacts(
        channel=channel,
        at=runtime.now(),
        stream=await _stream(runtime, lead_id),
        planned_position=0,
        suppressed=[] if to is None else await _suppressed(runtime, channel, to),
        despite_reply=True,
        is_template=True,
    )
    return reasons_to_withhold(facts, runtime.rulebook.contact)


async def _suppressed(runtime: Runtime, channel: str, to: str) -> list[Suppressed]:
    kind = ADDRESS_KINDS.get(channel, channel)
    return await runtime.outreach.suppressions.met_by(channel, kind, to)


async def _stream(runtime: Runtime, lead_id: str) -> list[Event]:
    """The events that make a difference, oldest first."""
    types = FACT_TYPES | runtime.rulebook.contact.types
    stream = await runtime.capture.events.of_lead(lead_id, types=types)
    return sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position))

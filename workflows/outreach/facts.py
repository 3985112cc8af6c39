"""The facts on which it is decided whether a message may go out: the lead's stream and the suppression list, read now."""

from __future__ import annotations

from domain.outreach.withhold import FACT_TYPES, Reason, SendingFacts, reasons_to_withhold
from engine.outreach.message import Content, Message
from engine.runtime import Runtime

__all__ = ["ADDRESS_KINDS", "reasons_now"]

ADDRESS_KINDS = {"email": "email", "whatsapp": "phone"}
"""The kind of identifier that each channel sends to; other channels have their own."""


async def reasons_now(runtime: Runtime, message: Message, content: Content) -> tuple[Reason, ...]:
    """Every reason against sending the message at this moment, from what is stored and not from what is folded."""
    kind = ADDRESS_KINDS.get(message.channel, message.channel)
    suppressed = await runtime.outreach.suppressions.met_by(message.channel, kind, content.to)
    types = FACT_TYPES | runtime.rulebook.contact.types
    stream = await runtime.capture.events.of_lead(message.lead_id, types=types)
    facts = SendingFacts(
        channel=message.channel,
        at=runtime.now(),
        stream=sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position)),
        planned_position=message.planned_position or 0,
        suppressed=suppressed,
        despite_reply=message.despite_reply,
        is_template=bool(content.template),
        needs_consent=runtime.settings.consent_required,
    )
    return reasons_to_withhold(facts, runtime.rulebook.contact)

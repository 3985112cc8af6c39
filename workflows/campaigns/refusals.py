"""The reasons against a lead of a campaign: those for which its message would be withheld, or it would not be enrolled."""

from __future__ import annotations

from domain.campaigns.definition import CampaignDefinition, Wording
from domain.campaigns.turn import TurnReason
from domain.errors import Invalid
from domain.sequences.program import Program, Send
from engine.runtime import Runtime
from workflows.outreach.facts import standing_reasons
from workflows.outreach.recipient import checked_address, known_address
from workflows.sequences.enrol import enrolment_refusal

__all__ = ["reasons_against", "reasons_against_enrolment"]


async def reasons_against(
    runtime: Runtime, definition: CampaignDefinition, lead_id: str
) -> tuple[TurnReason, ...]:
    """Every reason against the lead, as things are now. Raises `NotFound` for a sequence that is not active."""
    if definition.message is not None:
        message = definition.message
        return await _against_channel(
            runtime, lead_id, message.channel, is_template=not _needs_window(message)
        )
    program = await runtime.sequences.library.active(definition.sequence or "")
    return await reasons_against_enrolment(runtime, lead_id, program)


async def reasons_against_enrolment(
    runtime: Runtime, lead_id: str, program: Program
) -> tuple[TurnReason, ...]:
    """Why the lead may not be enrolled, or why no message of the sequence could reach it."""
    refusal = await enrolment_refusal(runtime, lead_id, program)
    if refusal is not None:
        return (TurnReason(refusal.code, refusal.detail),)
    channels = dict.fromkeys(node.channel for node in program.nodes if isinstance(node, Send))
    first: tuple[TurnReason, ...] = ()
    for channel in channels:
        reasons = await _against_channel(runtime, lead_id, channel, is_template=True)
        if not reasons:
            return ()
        first = first or reasons
    return first


async def _against_channel(
    runtime: Runtime, lead_id: str, channel: str, *, is_template: bool
) -> tuple[TurnReason, ...]:
    to = await known_address(runtime, lead_id, channel)
    if to is None:
        return (TurnReason("no-address", f"no address of this lead for {channel} is known"),)
    try:
        to = checked_address(runtime, channel, to)
    except Invalid as error:
        return (TurnReason("invalid-address", "; ".join(fault.detail for fault in error.faults)),)
    found = await standing_reasons(
        runtime,
        lead_id,
        channel,
        to,
        is_template=is_template,
        needs_consent=runtime.settings.consent_required,
    )
    return tuple(TurnReason(code, detail) for code, detail in {one.code: one.detail for one in found}.items())


def _needs_window(message: Wording) -> bool:
    """Whether it is a free text, which WhatsApp allows for a day after a message of the lead only."""
    return not message.template

"""Drafts of campaigns: created, checked and changed, each with an audit entry."""

from __future__ import annotations

import msgspec

from domain.campaigns.definition import CampaignDefinition, definition_faults
from domain.errors import Conflict, Fault, Invalid
from domain.events.event import Json
from engine.campaigns.campaign import Campaign, StateChange
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.campaigns.audience import first_link_of

__all__ = ["change_campaign", "create_campaign"]


async def create_campaign(
    runtime: Runtime, actor: Actor, name: str, definition: CampaignDefinition
) -> Campaign:
    """Store a draft. Raises `Invalid` with every field that does not fit."""
    await _require_sound(runtime, definition)
    at = runtime.now()
    new = Campaign(
        campaign_id="",
        name=name,
        definition=definition,
        state="draft",
        created_at=at,
        changed_at=at,
        author=str(actor),
        changes=(StateChange(state="draft", at=at, by=str(actor)),),
    )

    async def create(session: Session) -> tuple[Campaign, AuditAction]:
        stored = await runtime.campaigns.campaigns.add(new, session)
        return stored, AuditAction("campaign.created", stored.campaign_id, after=_facts(stored))

    return await audited(runtime, actor, create)


async def change_campaign(
    runtime: Runtime, actor: Actor, before: Campaign, name: str, definition: CampaignDefinition
) -> Campaign:
    """Change a draft as it was read; its estimate is void by that.

    Raises `Invalid`, and `Conflict` for one that is no draft any more or that somebody else has changed.
    """
    if before.state != "draft":
        raise Conflict(f"This campaign is {before.state}: only a draft can be changed.")
    await _require_sound(runtime, definition)
    if (before.name, before.definition) == (name, definition):
        return before
    at = max(runtime.now(), before.changed_at + 1)

    async def change(session: Session) -> tuple[Campaign, AuditAction]:
        after = await runtime.campaigns.campaigns.redefine(before, name, definition, at, session)
        action = AuditAction("campaign.changed", before.campaign_id, _facts(before), _facts(after))
        return after, action

    return await audited(runtime, actor, change)


async def _require_sound(runtime: Runtime, definition: CampaignDefinition) -> None:
    faults = [Fault(f"/{pointer}", detail) for pointer, detail in definition_faults(definition)]
    message, channels = definition.message, runtime.outreach.channels
    if message is not None and message.channel not in channels:
        faults.append(Fault("/message/channel", f"must be one of {', '.join(sorted(channels))}"))
    if faults:
        raise Invalid("The campaign was not saved.", tuple(faults))
    await first_link_of(runtime, definition)


def _facts(campaign: Campaign) -> dict[str, Json]:
    """What the audit log shows."""
    return {"name": campaign.name, **msgspec.to_builtins(campaign.definition)}

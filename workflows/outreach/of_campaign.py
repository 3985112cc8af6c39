"""The last look at the campaign that a message is of: whether it is paused or over, and whether the lead is still meant."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.campaigns.hours import next_hour
from domain.instant import DAY, Millis
from domain.outreach.withhold import Reason
from engine.campaigns.campaign import CAMPAIGN, Campaign
from engine.outreach.message import Content, Message
from engine.runtime import Runtime
from workflows.accounts.read_account import members_of

__all__ = ["campaign_is_paused", "hour_of_campaign", "reasons_of_campaign"]


async def campaign_is_paused(runtime: Runtime, message: Message) -> bool:
    """Whether the message has to wait because its campaign is paused."""
    campaign = await _campaign_of(runtime, message)
    return campaign is not None and campaign.state == "paused"


async def hour_of_campaign(runtime: Runtime, message: Message, content: Content) -> Millis | None:
    """When the window of its campaign opens again where the lead lives; None if it is open now, or there is none."""
    campaign = await _campaign_of(runtime, message)
    window = None if campaign is None else campaign.definition.window
    if window is None or not content.zone:
        return None
    at = runtime.now()
    opens = next_hour(window, at, ZoneInfo(content.zone), content.country or None)
    if opens is None:  # for what its calendar says, which may change
        return at + DAY
    return opens if opens > at else None


async def reasons_of_campaign(runtime: Runtime, message: Message) -> tuple[Reason, ...]:
    """Why the campaign may not write any more: it was finished before its time, or the lead has left its audience."""
    campaign = await _campaign_of(runtime, message)
    if campaign is None:
        return ()
    if campaign.ended in ("manual", "ended"):
        return (Reason("campaign-ended", f"its campaign is over: {campaign.name}"),)
    lead_id = await runtime.identity.streams.lead_of(message.lead_id)
    audience = campaign.definition.audience
    accounts = None if audience.account is None else (await members_of(runtime, audience.account))[1]
    if not await runtime.leads.audience.among(audience, accounts, [lead_id]):
        return (Reason("left-audience", f"the lead has left the audience of its campaign: {campaign.name}"),)
    return ()


async def _campaign_of(runtime: Runtime, message: Message) -> Campaign | None:
    if message.author.kind != CAMPAIGN:
        return None
    return await runtime.campaigns.campaigns.find(message.author.id)

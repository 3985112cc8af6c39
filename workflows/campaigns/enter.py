"""The leads that enter the audience of a triggered campaign: those with new events in the log, once they are folded."""

from __future__ import annotations

from engine.campaigns.campaign import Campaign
from engine.runtime import Runtime
from workflows.campaigns.audience import in_audience
from workflows.dispatch.reconcile import APPLIED

__all__ = ["take_in_entering"]

_EVENTS_AT_A_TIME = 5_000


async def take_in_entering(runtime: Runtime, campaign: Campaign) -> bool:
    """Look at the leads of the next events that every lead has applied. Whether there are more.

    A lead that was present from the beginning and is outside now has left: from then on it may enter as others do.
    """
    applied = await runtime.store.checkpoints.position(APPLIED)
    if applied <= campaign.followed:
        return False
    spans, read = await runtime.capture.log.leads_after(campaign.followed, _EVENTS_AT_A_TIME, up_to=applied)
    membership = await runtime.identity.streams.membership(spans)
    leads = {membership.lead_of.get(stream, stream) for stream in spans}
    inside = await in_audience(runtime, campaign.definition, leads)
    await runtime.campaigns.members.drop_present(campaign.campaign_id, leads - inside)
    await runtime.campaigns.members.enter(campaign.campaign_id, inside, campaign.estimates)
    await runtime.campaigns.campaigns.follow(campaign.campaign_id, campaign.followed, read)
    return True

"""The leads that enter the audience of a triggered campaign: those with new events in the log, once they are folded."""

from __future__ import annotations

from domain.events.log_cursor import LogCursor
from engine.campaigns.campaign import Campaign
from engine.capture.log.subscription import Subscription
from engine.runtime import Runtime
from workflows.campaigns.audience import in_audience
from workflows.dispatch.reconcile import APPLIED

__all__ = ["take_in_entering"]

_EVENTS_AT_A_TIME = 5_000


async def take_in_entering(runtime: Runtime, campaign: Campaign) -> bool:
    """Look at the leads of the next events that every lead has applied. Whether there are more.

    A lead that was present from the beginning and is outside now has left: from then on it may enter as others do.
    """
    log = runtime.capture.log
    applied = await runtime.store.checkpoints.cursor(APPLIED, log.partitions)
    followed = LogCursor.parse(campaign.followed, log.partitions)
    if not followed.events_until(applied):
        return False
    spans, read = await Subscription(log).leads_after(followed, _EVENTS_AT_A_TIME, up_to=applied)
    membership = await runtime.identity.streams.membership(spans)
    leads = {membership.lead_of.get(stream, stream) for stream in spans}
    inside = await in_audience(runtime, campaign.definition, leads)
    await runtime.campaigns.members.drop_present(campaign.campaign_id, leads - inside)
    await runtime.campaigns.members.enter(campaign.campaign_id, inside, campaign.estimates)
    await runtime.campaigns.campaigns.follow(campaign.campaign_id, campaign.followed, read.token)
    return True

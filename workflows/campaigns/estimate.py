"""The estimate of an audience, worked out slice by slice as due work: how many leads, how many refused, and why."""

from __future__ import annotations

from collections import Counter
from functools import partial

from msgspec.structs import replace

from domain.campaigns.fingerprint import next_link
from domain.errors import Conflict
from engine.campaigns.campaign import CAMPAIGN, Campaign, Estimate
from engine.campaigns.job import CampaignJob
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from engine.work.outcome import Outcome
from workflows.campaigns.audience import audience_after, first_link_of
from workflows.campaigns.refusals import reasons_against
from workflows.campaigns.side_by_side import side_by_side

__all__ = ["estimate_slice", "request_estimate"]

_COLLECTED_AT_A_TIME = 2_000
_CHECKED_AT_A_TIME = 50


async def request_estimate(runtime: Runtime, campaign_id: str) -> Campaign:
    """Begin an estimate; one that is under way goes on.

    Raises `NotFound`, `Conflict` for a campaign that is no draft, `Invalid` for a sequence that is not active any more.
    """
    campaign = await runtime.campaigns.campaigns.get(campaign_id)
    if campaign.state != "draft":
        raise Conflict(f"This campaign is {campaign.state}: only the audience of a draft is estimated.")
    if await _is_under_way(runtime, campaign):
        return campaign
    link, at = await first_link_of(runtime, campaign.definition), runtime.now()

    async def begin(session: Session) -> Campaign:
        begun = await runtime.campaigns.campaigns.begin_estimate(campaign_id, link, at, session)
        await runtime.campaigns.jobs.add(campaign_id, "estimate", begun.estimates, at, at, session)
        return begun

    begun = await transact(runtime.store.client, begin)
    await runtime.work.wake_ups.announce(CAMPAIGN)
    return begun


async def _is_under_way(runtime: Runtime, campaign: Campaign) -> bool:
    estimate = campaign.estimate
    if estimate is None or estimate.digest is not None:
        return False
    job = await runtime.campaigns.jobs.find(f"{campaign.campaign_id}:estimate:{estimate.number}")
    return job is not None and job.state not in ("dead", "done")


async def estimate_slice(runtime: Runtime, job: CampaignJob) -> Outcome:
    """Take the next slice: collect leads, then look at some of them. Repeating one changes nothing."""
    campaign = await runtime.campaigns.campaigns.find(job.campaign_id)
    if (
        campaign is None
        or campaign.state != "draft"
        or campaign.estimate is None
        or campaign.estimate.number != job.number
    ):
        return Outcome(verdict="done", detail="the draft was changed, or another estimate was asked for")
    estimate = campaign.estimate
    if estimate.digest is not None:
        return Outcome(verdict="done", detail="the estimate is ready")
    after = await (_checked if estimate.collected else _collected)(runtime, campaign, estimate)
    await runtime.campaigns.campaigns.advance_estimate(job.campaign_id, estimate, after)
    return Outcome(verdict="later", detail=f"{after.checked} of {after.audience} looked at", not_before=0)


async def _collected(runtime: Runtime, campaign: Campaign, estimate: Estimate) -> Estimate:
    definition = campaign.definition
    leads = await audience_after(runtime, definition.audience, estimate.mark, _COLLECTED_AT_A_TIME)
    is_present = definition.mode == "triggered" and not definition.include_present
    await runtime.campaigns.members.collect(
        campaign.campaign_id, leads, "present" if is_present else "waiting", estimate.number
    )
    after = replace(
        estimate,
        link=next_link(estimate.link, leads),
        audience=estimate.audience + len(leads),
        mark=leads[-1] if leads else estimate.mark,
    )
    if len(leads) == _COLLECTED_AT_A_TIME:
        return after
    await runtime.campaigns.members.drop_earlier(campaign.campaign_id, estimate.number)
    return replace(after, collected=True, mark=None)


async def _checked(runtime: Runtime, campaign: Campaign, estimate: Estimate) -> Estimate:
    members = await runtime.campaigns.members.every(campaign.campaign_id, estimate.mark, _CHECKED_AT_A_TIME)
    if not members:
        return replace(estimate, digest=estimate.link, taken_at=runtime.now())
    leads = [member.lead_id for member in members]
    found = await side_by_side(partial(reasons_against, runtime, campaign.definition), leads)
    reasons = Counter(estimate.reasons)
    for against in found:
        reasons.update({one.code for one in against})
    return replace(
        estimate,
        mark=members[-1].member_id,
        checked=estimate.checked + len(members),
        refused=estimate.refused + sum(map(bool, found)),
        reasons=dict(reasons),
    )

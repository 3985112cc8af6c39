"""Changes of the state of a campaign by people and by the engine: start, pause, resume, finish."""

from __future__ import annotations

from domain.campaigns.definition import CampaignDefinition
from domain.campaigns.states import Action, Ending, after
from domain.errors import Conflict, Fault, Invalid
from engine.campaigns.campaign import CAMPAIGN, Campaign, Estimate, StateChange
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.campaigns.audience import audience_now
from workflows.campaigns.estimate import request_estimate

__all__ = ["begin_running", "change_state", "start_campaign"]

_PAST = {"start": "started", "pause": "paused", "resume": "resumed", "finish": "finished"}


async def start_campaign(runtime: Runtime, actor: Actor, campaign_id: str, digest: str) -> Campaign:
    """Start a draft on the audience that its latest estimate has found.

    Raises `Conflict` with the figures if that is not the estimate of `digest`, or if the audience is another one by now:
    then a new estimate has begun. Raises `Invalid` if the end has passed or the sequence is not active any more.
    """
    campaign = await runtime.campaigns.campaigns.get(campaign_id)
    definition, at = campaign.definition, runtime.now()
    after(campaign.state, "start", definition.starts_at, at)
    estimate = _require_ready(campaign)
    if digest != estimate.digest:
        raise Conflict(f"This is not the digest of the latest estimate, which found {_figures(estimate)}.")
    _require_time_left(definition, at)
    followed = (await runtime.capture.log.end()).token
    found = await audience_now(runtime, definition)
    if found.digest != estimate.digest:
        await request_estimate(runtime, campaign_id)
        raise Conflict(
            f"The audience has changed since the estimate: {_leads(found.leads)} now, {_leads(estimate.audience)} then, or "
            "others than then. A new estimate has begun: read it, and start with its digest."
        )
    return await _move(runtime, actor, campaign, "start", "", followed=followed)


async def change_state(
    runtime: Runtime,
    actor: Actor,
    campaign_id: str,
    action: Action,
    why: str = "",
    *,
    ended: Ending = "manual",
) -> Campaign:
    """Pause, resume or finish a campaign. Raises `NotFound`, and `Conflict` for a state that does not allow it.

    Raises `Invalid` for resuming one whose end has passed.
    """
    campaign = await runtime.campaigns.campaigns.get(campaign_id)
    if action == "resume":
        _require_time_left(campaign.definition, runtime.now())
    moved = await _move(runtime, actor, campaign, action, why, ended=ended)
    if campaign.state == "draft":  # given up: nobody is in it
        await runtime.campaigns.members.drop_earlier(campaign_id, campaign.estimates + 1)
    return moved


async def begin_running(runtime: Runtime, actor: Actor, campaign: Campaign) -> Campaign:
    """Let a scheduled campaign run, because its time has come. Raises `Conflict` if it is changed meanwhile."""

    async def begin(session: Session) -> tuple[Campaign, AuditAction]:
        change = StateChange(state="running", at=runtime.now(), by=str(actor))
        moved = await runtime.campaigns.campaigns.move(campaign, change, session)
        return moved, _audited("begun", campaign, moved, "")

    return await audited(runtime, actor, begin)


async def _move(
    runtime: Runtime,
    actor: Actor,
    campaign: Campaign,
    action: Action,
    why: str,
    *,
    ended: Ending | None = None,
    followed: int | str | None = None,
) -> Campaign:
    at, starts_at = runtime.now(), campaign.definition.starts_at
    state = after(campaign.state, action, starts_at, at)
    change = StateChange(state=state, at=at, by=str(actor), why=why)
    due_at = max(at, starts_at or at) if state == "scheduled" else at

    async def move(session: Session) -> tuple[Campaign, AuditAction]:
        moved = await runtime.campaigns.campaigns.move(
            campaign,
            change,
            session,
            ended=ended if state == "finished" else None,
            followed=followed,
        )
        if moved.runs > campaign.runs:
            await runtime.campaigns.jobs.add(moved.campaign_id, "run", moved.runs, at, due_at, session)
        return moved, _audited(_PAST[action], campaign, moved, why)

    moved = await audited(runtime, actor, move)
    await runtime.work.wake_ups.announce(CAMPAIGN)
    return moved


def _audited(did: str, before: Campaign, moved: Campaign, why: str) -> AuditAction:
    facts = {"state": moved.state, "why": why or None, "ended": moved.ended}
    return AuditAction(f"campaign.{did}", moved.campaign_id, {"state": before.state}, {**facts})


def _require_ready(campaign: Campaign) -> Estimate:
    estimate = campaign.estimate
    if estimate is None:
        raise Conflict("This campaign has no estimate since it was written or changed last: take one first.")
    if estimate.digest is None:
        raise Conflict(
            f"The estimate is not ready: {estimate.checked} of {estimate.audience} leads were looked at so far."
        )
    return estimate


def _require_time_left(definition: CampaignDefinition, at: int) -> None:
    if definition.ends_at is not None and definition.ends_at <= at:
        fault = Fault("/endsAt", "has passed")
        raise Invalid("The end of this campaign has passed.", (fault,))


def _figures(estimate: Estimate) -> str:
    reasons = ", ".join(f"{code} {number}" for code, number in sorted(estimate.reasons.items()))
    return f"{_leads(estimate.audience)}, of which {estimate.refused} get nothing" + (
        f" ({reasons})" if reasons else ""
    )


def _leads(number: int) -> str:
    return f"{number} lead" if number == 1 else f"{number} leads"

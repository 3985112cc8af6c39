"""The run of a campaign, slice by slice as due work: turns of members, results of messages, leads that enter, the end."""

from __future__ import annotations

from collections import defaultdict

from domain.campaigns.states import Action, Ending
from domain.campaigns.turn import Result
from domain.errors import Conflict, Invalid
from domain.instant import MINUTE, SECOND, Millis
from engine.campaigns.campaign import Campaign
from engine.campaigns.job import CampaignJob
from engine.campaigns.member_store import Member
from engine.operations.audit_log import ENGINE
from engine.outreach.message import Message
from engine.runtime import Runtime
from engine.work.outcome import Outcome
from workflows.campaigns.audience import first_link_of, in_audience
from workflows.campaigns.changes import begin_running, change_state
from workflows.campaigns.enter import take_in_entering
from workflows.campaigns.side_by_side import side_by_side
from workflows.campaigns.turn import take_turn

__all__ = ["run_slice"]

_TURNS_AT_A_TIME = 50
_MAX_UNDER_WAY = 500
"""Messages that are planned and not settled. More are planned as these go out, so that a pause stops nearly all."""
_WAITING: tuple[Result, ...] = ("waiting",)
_UNDER_WAY: tuple[Result, ...] = ("underWay",)
_PAUSE: Millis = 2 * SECOND
"""Between two looks when nothing has happened."""
_UNTIL_HOUR = MINUTE
"""The longest until the next look while leads wait for their hours."""


async def run_slice(runtime: Runtime, job: CampaignJob) -> Outcome:
    """Take the next slice of the run. Repeating one changes nothing, and nobody is passed over."""
    campaign = await runtime.campaigns.campaigns.find(job.campaign_id)
    if campaign is None or campaign.runs != job.number:
        return Outcome(verdict="done", detail="another run has begun")
    settled = await _settle_messages(runtime, campaign)
    if campaign.state not in ("scheduled", "running"):
        return await _wait_for_messages(runtime, campaign)
    try:
        return await _go_on(runtime, campaign, settled=settled)
    except Conflict as changed:  # somebody has changed its state at this moment
        return Outcome(verdict="later", detail=str(changed), not_before=0)


async def _go_on(runtime: Runtime, campaign: Campaign, *, settled: bool) -> Outcome:
    if (stopped := await _stop(runtime, campaign)) is not None:
        return stopped
    if campaign.state == "scheduled":
        campaign = await begin_running(runtime, ENGINE, campaign)
    if members := await _next_members(runtime, campaign):
        await _take_turns(runtime, campaign, members)
        return _later(runtime, campaign, f"{len(members)} leads had their turn", at_once=True)
    if campaign.definition.mode == "triggered":
        more = await take_in_entering(runtime, campaign)
        return _later(runtime, campaign, "waits for leads that enter", at_once=more)
    if await runtime.campaigns.members.count_under_way(campaign.campaign_id, 1):
        return _later(runtime, campaign, "waits until messages have gone out", at_once=settled)
    if (hour := await runtime.campaigns.members.next_hour(campaign.campaign_id)) is not None:
        pause = min(hour - runtime.now(), _UNTIL_HOUR)
        return _later(runtime, campaign, "waits for the hours of its leads", at_once=False, pause=pause)
    return await _over(runtime, campaign, "finish", "everybody had their turn", "completed")


async def _stop(runtime: Runtime, campaign: Campaign) -> Outcome | None:
    """Finish a campaign whose end has come, and pause one whose sequence is not active any more."""
    ends_at = campaign.definition.ends_at
    if ends_at is not None and ends_at <= runtime.now():
        return await _over(runtime, campaign, "finish", "its end has come", "ended")
    try:
        await first_link_of(runtime, campaign.definition)
    except Invalid as error:
        why = "; ".join(fault.detail for fault in error.faults)
        return await _over(runtime, campaign, "pause", why, "manual")
    return None


async def _over(runtime: Runtime, campaign: Campaign, action: Action, why: str, ended: Ending) -> Outcome:
    await change_state(runtime, ENGINE, campaign.campaign_id, action, why, ended=ended)
    return Outcome(verdict="done", detail=why)


def _later(
    runtime: Runtime, campaign: Campaign, detail: str, *, at_once: bool, pause: Millis = _PAUSE
) -> Outcome:
    """The next look; the end of the campaign is not missed."""
    at = runtime.now()
    not_before = at if at_once else min(at + pause, campaign.definition.ends_at or at + pause)
    return Outcome(verdict="later", detail=detail, not_before=not_before)


async def _wait_for_messages(runtime: Runtime, campaign: Campaign) -> Outcome:
    """Of a campaign that is finished, or paused: only what is under way comes to its end."""
    if campaign.state == "paused" or not await runtime.campaigns.members.count_under_way(
        campaign.campaign_id, 1
    ):
        return Outcome(verdict="done", detail=campaign.state)
    return Outcome(verdict="later", detail="waits for its last messages", not_before=runtime.now() + _PAUSE)


async def _next_members(runtime: Runtime, campaign: Campaign) -> list[Member]:
    under_way = await runtime.campaigns.members.count_under_way(campaign.campaign_id, _MAX_UNDER_WAY)
    room = min(_TURNS_AT_A_TIME, _MAX_UNDER_WAY - under_way)
    if room <= 0:
        return []
    return await runtime.campaigns.members.next_turns(campaign.campaign_id, runtime.now(), room)


async def _take_turns(runtime: Runtime, campaign: Campaign, members: list[Member]) -> None:
    """Whether a lead is still in the audience is read for the whole slice at its beginning."""
    inside = await in_audience(runtime, campaign.definition, [one.lead_id for one in members])

    async def have_turn(member: Member) -> None:
        turn = await take_turn(runtime, campaign, member.lead_id, is_in_audience=member.lead_id in inside)
        if turn.not_before is not None:
            await runtime.campaigns.members.put_off(member.member_id, turn.not_before)
            return
        await runtime.campaigns.members.settle(
            [member.member_id],
            turn.result,
            turn.reasons,
            runtime.now(),
            subject_id=turn.subject_id,
            only_from=_WAITING,
        )

    await side_by_side(have_turn, members)


async def _settle_messages(runtime: Runtime, campaign: Campaign) -> bool:
    """Note what has become of planned messages. Whether any of them has come to an end."""
    members = await runtime.campaigns.members.page(campaign.campaign_id, "underWay", None, _MAX_UNDER_WAY)
    if not members:
        return False
    messages = await runtime.outreach.messages.with_ids([one.subject_id or "" for one in members])
    ended = defaultdict[tuple[Result, tuple[str, ...]], list[str]](list)
    for member in members:
        if (found := _result_of(messages.get(member.subject_id or ""))) is not None:
            ended[found].append(member.member_id)
    for (result, reasons), member_ids in ended.items():
        await runtime.campaigns.members.settle(
            member_ids, result, reasons, runtime.now(), only_from=_UNDER_WAY
        )
    return bool(ended)


def _result_of(message: Message | None) -> tuple[Result, tuple[str, ...]] | None:
    """The result of a member whose message has come to an end; None while it is under way or in question."""
    if message is None:
        return "withheld", ("erased",)
    if message.provider_id is not None:
        return "done", ()
    if message.withheld and message.state == "done":
        return "withheld", tuple(dict.fromkeys(one.code for one in message.withheld))
    if message.discarded_because is not None:
        return "withheld", ("discarded",)
    return ("failed", ()) if message.state == "dead" else None

"""Response bodies of the routes of campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.campaigns.definition import BroadcastWindow, Mode
from domain.campaigns.states import CampaignState, Ending
from domain.campaigns.turn import Result
from domain.instant import to_datetime
from domain.rule_language.week_hours import Weekday
from engine.campaigns.campaign import Campaign, Estimate, Tally
from engine.campaigns.member_store import Member

__all__ = [
    "CampaignMembersPage",
    "CampaignProgressView",
    "CampaignView",
    "CampaignWithProgressView",
    "CampaignsPage",
    "campaign_view",
    "campaign_with_progress_view",
    "member_view",
]


EstimateState = Literal["collecting", "checking", "ready"]


class AudienceView(View, frozen=True):
    """The parameters of `GET /api/leads`; null: no such filter."""

    stage: str | None
    risk: str | None
    outcome: str | None
    status: str | None
    min_score: float | None
    owner: str | None
    tag: str | None
    account: str | None


class BroadcastWindowView(View, frozen=True):
    """When a broadcast is sent, by the clock of the lead; `timezone` is for leads of which no other is known."""

    days: list[Weekday]
    opens: str
    closes: str
    holidays: str | None
    timezone: str


class CampaignMessageView(View, frozen=True):
    """The message of a broadcast, with merge fields that are not filled in."""

    channel: str
    subject: str
    text: str
    template: str
    language: str


class EstimateView(View, frozen=True):
    """An estimate of the audience.

    `state`: collecting, checking or ready. `refused` of `audience` leads would get nothing; `refusedByReason` counts a
    lead once for each of its reasons. `digest` is there when it is ready: starting asks for it.
    """

    state: EstimateState
    audience: int
    checked: int
    refused: int
    refused_by_reason: dict[str, int]
    digest: str | None
    started_at: datetime
    taken_at: datetime | None


class CampaignProgressView(View, frozen=True):
    """How far a campaign has come: `audience` is the sum of the five numbers behind it and of `erased`.

    `waiting`: their turn has not come. `underWay`: their message is planned. `done`: their message was sent, or they were
    enrolled. `withheld`: they got nothing; `withheldByReason` counts a lead once for each of its reasons. `failed`: the
    message could not be sent. `erased`: erased since the estimate. `present`: of a triggered campaign, the leads that were
    in the audience at the start and get nothing for that.
    """

    audience: int
    waiting: int
    under_way: int
    done: int
    withheld: int
    withheld_by_reason: dict[str, int]
    failed: int
    erased: int
    present: int


class CampaignChangeView(View, frozen=True):
    """A change of the state of a campaign."""

    state: CampaignState
    at: datetime
    by: str
    why: str


class CampaignView(View, frozen=True):
    """A campaign. `state`: draft, scheduled, running, paused or finished; `ended`: completed, ended or manual."""

    id: str
    name: str
    mode: Mode
    state: CampaignState
    ended: Ending | None
    audience: AudienceView
    message: CampaignMessageView | None
    sequence: str | None
    window: BroadcastWindowView | None
    include_present: bool
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    changed_at: datetime
    started_at: datetime | None
    created_by: str
    estimate: EstimateView | None
    changes: list[CampaignChangeView]


class CampaignWithProgressView(CampaignView, frozen=True):
    """A campaign, and how far it has come; null for a draft."""

    progress: CampaignProgressView | None


CampaignsPage = Annotated[Page[CampaignView], component("CampaignsPage")]


class CampaignMemberView(View, frozen=True):
    """A lead of a campaign. `messageId` or `enrolmentId` is what it got; `at`: since when the result stands."""

    lead_id: str
    result: Result
    reasons: list[str]
    message_id: str | None
    enrolment_id: str | None
    at: datetime | None


CampaignMembersPage = Annotated[Page[CampaignMemberView], component("CampaignMembersPage")]


def campaign_view(one: Campaign) -> CampaignView:
    return CampaignView(**_fields(one))


def campaign_with_progress_view(one: Campaign, tally: Tally | None) -> CampaignWithProgressView:
    return CampaignWithProgressView(**_fields(one), progress=None if tally is None else _progress(one, tally))


def _fields(one: Campaign) -> dict[str, Any]:
    meant = one.definition
    return {
        "id": one.campaign_id,
        "name": one.name,
        "mode": meant.mode,
        "state": one.state,
        "ended": one.ended,
        "audience": AudienceView(**msgspec.structs.asdict(meant.audience)),
        "message": None
        if meant.message is None
        else CampaignMessageView(**msgspec.structs.asdict(meant.message)),
        "sequence": meant.sequence,
        "window": None if meant.window is None else _window(meant.window),
        "include_present": meant.include_present,
        "starts_at": optional_datetime(meant.starts_at),
        "ends_at": optional_datetime(meant.ends_at),
        "created_at": to_datetime(one.created_at),
        "changed_at": to_datetime(one.changed_at),
        "started_at": optional_datetime(one.started_at),
        "created_by": one.author,
        "estimate": None if one.estimate is None else _estimate(one.estimate),
        "changes": [
            CampaignChangeView(state=step.state, at=to_datetime(step.at), by=step.by, why=step.why)
            for step in one.changes
        ],
    }


def _window(one: BroadcastWindow) -> BroadcastWindowView:
    return BroadcastWindowView(**{**msgspec.structs.asdict(one), "days": list(one.days)})


def _estimate(one: Estimate) -> EstimateView:
    state: EstimateState = (
        "ready" if one.digest is not None else "checking" if one.collected else "collecting"
    )
    return EstimateView(
        state=state,
        audience=one.audience,
        checked=one.checked,
        refused=one.refused,
        refused_by_reason=one.reasons,
        digest=one.digest,
        started_at=to_datetime(one.started_at),
        taken_at=optional_datetime(one.taken_at),
    )


def _progress(one: Campaign, tally: Tally) -> CampaignProgressView:
    count = tally.results.get
    present = count("present", 0)
    return CampaignProgressView(
        audience=sum(tally.results.values()) - present + one.erased,
        waiting=count("waiting", 0),
        under_way=count("underWay", 0),
        done=count("done", 0),
        withheld=count("withheld", 0),
        withheld_by_reason=tally.reasons,
        failed=count("failed", 0),
        erased=one.erased,
        present=present,
    )


def member_view(one: Member, *, is_broadcast: bool) -> CampaignMemberView:
    return CampaignMemberView(
        lead_id=one.lead_id,
        result=one.result,
        reasons=list(one.reasons),
        message_id=one.subject_id if is_broadcast else None,
        enrolment_id=None if is_broadcast else one.subject_id,
        at=optional_datetime(one.at),
    )

"""Routes of campaigns: drafts, their estimate, their state, and the leads of each with their results."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, patch, post
from litestar.params import QueryParameter
from pydantic import MISSING

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.visible import Visible
from api.campaigns.bodies import ChangeCampaign, CreateCampaign, StartCampaign, WhyBody, changed, defined
from api.campaigns.views import (
    CampaignMembersPage,
    CampaignsPage,
    CampaignWithProgressView,
    campaign_view,
    campaign_with_progress_view,
    member_view,
)
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_cursor, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.campaigns.states import CampaignState
from domain.campaigns.turn import Result
from engine.campaigns.campaign import Campaign
from engine.runtime import Runtime
from workflows.campaigns.changes import change_state, start_campaign
from workflows.campaigns.drafts import change_campaign, create_campaign
from workflows.campaigns.estimate import request_estimate

__all__ = ["MANAGE_CAMPAIGNS", "READ_CAMPAIGNS", "patch_campaign", "post_campaign"]

_PATH = "/api/campaigns"
_ONE = f"{_PATH}/{{campaign_id:str}}"
_TAGS = ["Campaigns"]
_EXAMPLE = {
    "name": "After the fair",
    "mode": "broadcast",
    "audience": {"tag": "fair", "stage": "hot"},
    "message": {"channel": "email", "subject": "Thank you", "text": "Hello {{firstName|there}}, ..."},
}
_WHY = {"why": "the price has changed"}


@get(_PATH, summary="Campaigns, newest first", tags=_TAGS, responses=problems(400, 503))
async def list_campaigns(
    request: HttpRequest,
    runtime: RuntimeDep,
    campaign_state: Annotated[
        CampaignState | None, QueryParameter(name="state", description="Only campaigns in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[CampaignsPage]:
    """A page of campaigns, without their progress."""
    after = decode_time_cursor(cursor, "campaigns")
    found = await runtime.campaigns.campaigns.page(campaign_state, after, limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="campaigns",
        keyset=lambda one: (one.created_at, one.campaign_id),
        view=campaign_view,
    )


@get(_ONE, summary="One campaign with its progress", tags=_TAGS, responses=problems(400, 404, 503))
async def get_campaign(runtime: RuntimeDep, campaign_id: PathText) -> CampaignWithProgressView:
    """The campaign, its latest estimate, and how far it has come."""
    return await _shown(runtime, await runtime.campaigns.campaigns.get(campaign_id))


@get(
    f"{_ONE}/leads",
    summary="The leads of a campaign with one result",
    description="By their reasons, then in the order of their turns. A page may be short where leads are not visible to "
    "the caller.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_campaign_leads(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    campaign_id: PathText,
    result: Annotated[
        Result, QueryParameter(description="The number in the progress that is opened.")
    ] = "done",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[CampaignMembersPage]:
    """A page of leads."""
    of = f"{result} leads of {campaign_id}"
    after = decode_cursor(cursor, of, tuple[str, str])
    campaign = await runtime.campaigns.campaigns.get(campaign_id)
    found = await runtime.campaigns.members.page(campaign_id, result, after, limit + 1)
    owners = await runtime.leads.states.owners({one.lead_id for one in found})
    shown = [one for one in found[:limit] if visible.allows(owners.get(one.lead_id))]
    is_broadcast = campaign.definition.message is not None
    return page_of(
        request,
        shown,
        limit,
        of=of,
        keyset=lambda one: one.place,
        resume=found[limit - 1].place if len(found) > limit else None,
        view=lambda one: member_view(one, is_broadcast=is_broadcast),
    )


@post(
    _PATH,
    summary="Create a campaign, as a draft",
    description="Nothing is sent before an estimate of its audience was taken and somebody has started it.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(CreateCampaign, _EXAMPLE)),
    responses=problems(400, 413, 415, 503),
)
async def post_campaign(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> CampaignWithProgressView:
    """The draft."""
    body = await read_json_body(request, CreateCampaign)
    definition = defined(runtime, principal, body)
    return await _shown(runtime, await create_campaign(runtime, actor, body.name, definition))


@patch(
    _ONE,
    summary="Change a draft",
    description="Its estimate is void by that. 409 for a campaign that was started.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeCampaign, {"name": "After the fair, again"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def patch_campaign(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    campaign_id: PathText,
) -> CampaignWithProgressView:
    """The draft after the change."""
    body = await read_json_body(request, ChangeCampaign)
    before = await runtime.campaigns.campaigns.get(campaign_id)
    definition = changed(runtime, principal, before.definition, body)
    name = before.name if body.name is MISSING else body.name
    return await _shown(runtime, await change_campaign(runtime, actor, before, name, definition))


@post(
    f"{_ONE}/estimate",
    summary="Estimate the audience of a draft",
    description="Worked out in the background: read the campaign until `estimate.state` is `ready`. One that is under way "
    "goes on.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def post_estimate(runtime: RuntimeDep, campaign_id: PathText) -> CampaignWithProgressView:
    """The draft, with its estimate as far as it is."""
    return await _shown(runtime, await request_estimate(runtime, campaign_id))


@post(
    f"{_ONE}/start",
    summary="Start a campaign",
    description="With the `digest` of its latest estimate. 409 with the figures if that is another one, or if the audience has "
    "changed since: then a new estimate has begun. It runs now, or at `startsAt`.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(StartCampaign, {"digest": "5f0c6f2a1b7d4f3e9a8b7c6d5e4f3a2b"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_start(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, campaign_id: PathText
) -> CampaignWithProgressView:
    """The campaign, running or scheduled."""
    body = await read_json_body(request, StartCampaign)
    return await _shown(runtime, await start_campaign(runtime, actor, campaign_id, body.digest))


@post(
    f"{_ONE}/pause",
    summary="Pause a campaign",
    description="Nobody has their turn, and messages that were planned wait. Sequences that leads are in go on.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(WhyBody, _WHY)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_pause(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, campaign_id: PathText
) -> CampaignWithProgressView:
    """The campaign, paused."""
    body = await read_json_body(request, WhyBody, optional=True)
    return await _shown(runtime, await change_state(runtime, actor, campaign_id, "pause", body.why))


@post(
    f"{_ONE}/resume",
    summary="Let a paused campaign go on",
    description="Where it was paused: nobody gets anything twice.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(WhyBody, _WHY)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_resume(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, campaign_id: PathText
) -> CampaignWithProgressView:
    """The campaign, running or scheduled."""
    body = await read_json_body(request, WhyBody, optional=True)
    return await _shown(runtime, await change_state(runtime, actor, campaign_id, "resume", body.why))


@post(
    f"{_ONE}/finish",
    summary="Finish a campaign for good",
    description="Nobody has their turn any more, and messages that were planned are withheld. Sequences that leads are in "
    "go on. A draft is given up.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(WhyBody, _WHY)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_finish(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, campaign_id: PathText
) -> CampaignWithProgressView:
    """The campaign, finished."""
    body = await read_json_body(request, WhyBody, optional=True)
    return await _shown(runtime, await change_state(runtime, actor, campaign_id, "finish", body.why))


async def _shown(runtime: Runtime, campaign: Campaign) -> CampaignWithProgressView:
    never_started = campaign.started_at is None
    tally = None if never_started else await runtime.campaigns.members.tally(campaign.campaign_id)
    return campaign_with_progress_view(campaign, tally)


READ_CAMPAIGNS = (list_campaigns, get_campaign, list_campaign_leads)
MANAGE_CAMPAIGNS = (post_estimate, post_start, post_pause, post_resume, post_finish)

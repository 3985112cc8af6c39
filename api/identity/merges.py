"""Routes of merges: two leads become one, and are given back."""

from __future__ import annotations

from litestar import post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.identity.duplicates import dismiss_duplicate
from api.leads.lead_ids import requested_lead_id
from domain.events.identifiers import normalised_id
from workflows.access.visible_leads import require_visible
from workflows.identity.merge import merge, unmerge

__all__ = ["IDENTITY"]

_LEAD = "/api/leads/{lead_id:str}"
_TAGS = ["Identity"]


class MergeLead(JsonBody):
    """The lead that survives, and why the two are one person."""

    into: str = Field(min_length=1, max_length=200, description="Id of the lead that survives.")
    why: str = Field(
        min_length=1, max_length=500, description="Stored in the events; encrypted if it names a person."
    )


class UnmergeLead(JsonBody):
    """Why the two are not one person."""

    why: str = Field(
        min_length=1, max_length=500, description="Stored in the events; encrypted if it names a person."
    )


class MergeView(View, frozen=True):
    """The merge. `position` is that of its event, 0 if the two were one lead already."""

    lead_id: str
    absorbed_id: str
    position: int


class UnmergeView(View, frozen=True):
    """The lead that is one of its own again, and the one that it was part of."""

    lead_id: str
    separated_from: str
    position: int


@post(
    f"{_LEAD}/merge",
    summary="Merge a lead into another one",
    description=(
        "From now on the two are one lead, folded from the events of both in the order of time: `into` survives, and answers under "
        "either id. Events `lead.merged` and `lead.absorbed` say so in both streams. Undo it with `POST .../unmerge`."
    ),
    tags=_TAGS,
    status_code=200,
    operation_class=operation_with_body(
        json_request_body(MergeLead, {"into": "lead-2", "why": "same person"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_merge(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, lead_id: PathText
) -> MergeView:
    """The lead that survives."""
    body = await read_json_body(request, MergeLead)
    into = normalised_id(body.into)
    for one in (lead_id, into):
        await require_visible(runtime, visible, one)
    found = await merge(runtime, actor, lead_id, into, body.why)
    return MergeView(lead_id=found.lead_id, absorbed_id=found.absorbed, position=found.position)


@post(
    f"{_LEAD}/unmerge",
    summary="Undo a merge",
    description=(
        "The lead that had this id is a lead of its own again, with all that had been merged into it before; for the id of "
        "a lead that survived, its latest merge is undone. Both are what they would be had the merge never been."
    ),
    tags=_TAGS,
    status_code=200,
    operation_class=operation_with_body(json_request_body(UnmergeLead, {"why": "father and son"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_unmerge(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, lead_id: PathText
) -> UnmergeView:
    """The two leads."""
    body = await read_json_body(request, UnmergeLead)
    await require_visible(runtime, visible, lead_id)
    found = await unmerge(runtime, actor, requested_lead_id(request), body.why)
    return UnmergeView(lead_id=found.lead_id, separated_from=found.separated_from, position=found.position)


IDENTITY = (post_merge, post_unmerge, dismiss_duplicate)

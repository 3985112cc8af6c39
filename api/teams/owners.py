"""Routes of owners and claims: who a lead belongs to, and who works on it at the moment."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from litestar import delete, post, put
from pydantic import Field

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import ProblemError, problems
from api.http.view import View
from domain.errors import NotFound
from domain.instant import to_datetime
from domain.teams.visibility import VisibleLeads
from engine.access.principal import Principal
from engine.runtime import Runtime
from workflows.access.visible_leads import require_visible
from workflows.teams.assign import NotYours, assign_lead
from workflows.teams.claim import claim_lead, release_lead

__all__ = ["OWNERS", "require_lead"]

_LEAD = "/api/leads/{lead_id:str}"
_TAGS = ["Owners"]


class AssignLead(JsonBody):
    """Another owner, and why."""

    owner_id: str | None = Field(max_length=200, description="Id of a person; null: nobody.")
    why: str = Field("", max_length=500)


class AssignmentView(View, frozen=True):
    """An accepted assignment: the lead has this owner once it has applied the event at `position`."""

    lead_id: str
    owner_id: str | None
    position: int


class ClaimView(View, frozen=True):
    """A person who works on a lead until then; for others it is taken."""

    lead_id: str
    person_id: str
    until: datetime


@put(
    f"{_LEAD}/owner",
    summary="Give a lead another owner",
    description=(
        "An event `lead.assigned` in the lead's stream. Reps assign unassigned leads and their own, the lead of a team "
        "those of the team, admins all."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(AssignLead, {"ownerId": "person_0123456789abcdef", "why": "speaks French"})
    ),
    responses=problems(400, 404, 413, 415, 503),
)
async def put_owner(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> AssignmentView:
    """The assignment and its position, for `?after=`."""
    body = await read_json_body(request, AssignLead)
    await require_visible(runtime, visible, lead_id)
    try:
        position = await assign_lead(runtime, principal, lead_id, body.owner_id, body.why)
    except NotYours:
        detail = "The lead belongs to somebody else; an admin or the lead of the team reassigns it."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail) from None
    return AssignmentView(lead_id=lead_id, owner_id=body.owner_id, position=position)


@post(
    f"{_LEAD}/claim",
    summary="Claim a lead for ten minutes",
    description="While a person works on a lead, a claim of another person is refused with 409. Claiming again renews.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 409, 503),
)
async def post_claim(
    runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible, lead_id: PathText
) -> ClaimView:
    """The claim. The lead's owner stays."""
    await require_lead(runtime, visible, lead_id)
    _require_person(principal)
    claim = await claim_lead(runtime, principal.id, lead_id)
    return ClaimView(lead_id=lead_id, person_id=claim.person_id, until=to_datetime(claim.until))


@delete(
    f"{_LEAD}/claim",
    summary="Release a claimed lead",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def delete_claim(
    runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible, lead_id: PathText
) -> None:
    """Nothing; the lead is free for others."""
    await require_lead(runtime, visible, lead_id)
    await release_lead(runtime, principal.id, lead_id)


async def require_lead(runtime: Runtime, visible: VisibleLeads, lead_id: str) -> None:
    """Raise `NotFound` for a lead that there is not, or that the caller does not see."""
    owners = await runtime.leads.states.owners([lead_id])
    if lead_id not in owners or not visible.allows(owners[lead_id]):
        raise NotFound("lead", lead_id)


def _require_person(principal: Principal) -> None:
    if principal.kind != "person":
        detail = "A claim is for a person who has signed in; a key is none."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


OWNERS = (put_owner, post_claim, delete_claim)
"""Calls about one lead."""

"""POST /api/lead-changes: one change of up to 200 leads, with a result for each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import post
from pydantic import Field, StringConstraints

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.http.idempotency_key import idempotency_key
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.teams.owners import AssignLead
from domain.errors import Fault, Invalid
from domain.events.identifiers import is_plain
from domain.leads.step import MAX_TAG_LENGTH
from workflows.capture.stored_ids import stored_lead_id
from workflows.teams.change_leads import MAX_LEADS, Assign, BulkChange, Change, Tag, change_leads

__all__ = ["post_lead_changes"]

_Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG_LENGTH)]
_LeadId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ChangeLeads(JsonBody):
    """The leads, and one of the changes."""

    leads: list[_LeadId] = Field(min_length=1, max_length=MAX_LEADS, description="Ids of leads, each once.")
    assign: AssignLead | None = None
    add_tag: _Tag | None = None
    remove_tag: _Tag | None = None


class LeadChangeView(View, frozen=True):
    """What became of one lead.

    `accepted`: changed once it has applied the event at `position`. `duplicate`: it was, by the same call. `unchanged`: it
    has the owner or the tag already, or lacks the tag. `conflict`: the idempotency key was used for another change.
    `forbidden`: the caller may not reassign it. `not-found`: there is no such lead, or the caller does not see it.
    """

    lead_id: str
    status: str
    position: int | None
    owner_before: str | None


class LeadChangesView(View, frozen=True):
    """One result per lead, in the order of the call."""

    results: list[LeadChangeView]


@post(
    "/api/lead-changes",
    summary="Assign or tag many leads",
    description=(
        "Events in the streams of the leads, as by the calls about one lead and with the same rights. One of `assign`, "
        "`addTag` and `removeTag`. With the header `Idempotency-Key` a repeated call changes nothing twice."
    ),
    tags=["Leads"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(ChangeLeads, {"leads": ["ada", "bob"], "addTag": "fair"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def post_lead_changes(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible
) -> LeadChangesView:
    """What became of each lead."""
    body = await read_json_body(request, ChangeLeads)
    change = _change(body)
    if len(set(body.leads)) < len(body.leads):
        raise Invalid("No lead was changed.", (Fault("/leads", "should name each lead once"),))
    stored = [one if is_plain(one) else await stored_lead_id(runtime, one) for one in body.leads]
    wanted = BulkChange(list(dict.fromkeys(stored)), change, idempotency_key(request))
    found = await change_leads(runtime, principal, visible, wanted)
    return LeadChangesView(
        results=[
            LeadChangeView(
                lead_id=one.lead_id,
                status=one.status,
                position=one.position,
                owner_before=one.owner_before if one.status not in {"not-found", "forbidden"} else None,
            )
            for one in found
        ]
    )


def _change(body: ChangeLeads) -> Change:
    changes: list[Change] = []
    if body.assign is not None:
        changes.append(Assign(body.assign.owner_id, body.assign.why))
    for tag, removed in ((body.add_tag, False), (body.remove_tag, True)):
        if tag is not None:
            changes.append(Tag(tag, removed))
    if len(changes) != 1:
        raise Invalid("No lead was changed.", (Fault("", "should have one of assign, addTag and removeTag"),))
    return changes[0]

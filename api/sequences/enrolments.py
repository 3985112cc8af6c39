"""Routes of enrolments: put a lead into a sequence, see what it is in and what comes, stop."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.sequences.sequences import find_sequence
from api.sequences.views import (
    CalendarView,
    EnrolmentsPage,
    EnrolmentView,
    calendar_entry_view,
    enrolment_view,
)
from domain.errors import NotFound
from engine.outreach.message import Author
from workflows.access.visible_leads import require_visible, visible_rows
from workflows.sequences.calendar import calendar_of_lead
from workflows.sequences.enrol import enrol_lead, stop_enrolment

__all__ = ["READ_ENROLMENTS", "post_enrolment", "post_stop_enrolment"]

_LEAD = "/api/leads/{lead_id:str}"
_TAGS = ["Sequences"]


class EnrolLead(JsonBody):
    """The sequence, of which the active version is taken."""

    sequence: str = Field(min_length=1, max_length=64)
    why: str = Field("", max_length=500, description="The reason, as it is shown beside the enrolment.")


class StopEnrolment(JsonBody):
    """Why the sequence is ended for the lead."""

    why: str = Field("", max_length=500)


@post(
    f"{_LEAD}/enrolments",
    summary="Enrol a lead in a sequence",
    description="In its active version, which then stays. 409 for a lead that is in it, was in it, is in another exclusive "
    "one, or whose deal is decided. A lead of the hold-out is enrolled, and gets nothing.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(EnrolLead, {"sequence": "demo-request", "why": "asked at the fair"})
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_enrolment(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> EnrolmentView:
    """The enrolment."""
    body = await read_json_body(request, EnrolLead)
    await require_visible(runtime, visible, lead_id)
    author = Author(principal.kind, principal.id)
    return enrolment_view(await enrol_lead(runtime, author, lead_id, body.sequence, body.why))


@get(
    f"{_LEAD}/enrolments",
    summary="The sequences that a lead is or was in, newest first",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_enrolments(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: PathText,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EnrolmentsPage]:
    """A page of enrolments."""
    await require_visible(runtime, visible, lead_id)
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    streams = await runtime.identity.streams.of_lead(lead_id)
    of = f"enrolments {lead_id}"
    found = await runtime.sequences.enrolments.of_lead(
        streams, after=decode_time_cursor(cursor, of), limit=limit + 1
    )
    return page_of(
        request,
        found,
        limit,
        of=of,
        keyset=lambda one: (one.created_at, one.unit_id),
        view=enrolment_view,
    )


@get(
    "/api/sequences/{name:str}/{version:str}/enrolments",
    summary="The leads that are in a version of a sequence, newest first",
    description="With `active=false` those for which it has ended, and why.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_enrolments_of_version(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    name: PathText,
    version: PathText,
    active: Annotated[bool, QueryParameter(description="Those that go on; false: those that ended.")] = True,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EnrolmentsPage]:
    """A page of enrolments."""
    of = f"enrolments in {name}@{version} {active}"
    after = decode_time_cursor(cursor, of)
    label = (await find_sequence(runtime, name, version)).definition.label
    page = await visible_rows(
        runtime,
        visible,
        lambda behind, size: runtime.sequences.enrolments.of_version(
            label, active=active, after=behind, limit=size
        ),
        lead_of=lambda one: one.lead_id,
        keyset_of=lambda one: (one.created_at, one.unit_id),
        after=after,
        limit=limit + 1,
    )
    return page_of(
        request,
        page.rows,
        limit,
        of=of,
        keyset=lambda one: (one.created_at, one.unit_id),
        view=enrolment_view,
        resume=page.resume,
    )


@get(
    f"{_LEAD}/calendar",
    summary="What the sequences of a lead will do, and when",
    description="Worked out by the code that does it, as if nothing happened meanwhile: events that are waited for do not "
    "come, and branches are taken by what is known now. Each sequence is worked out as if it were the only one.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_calendar(runtime: RuntimeDep, visible: Visible, lead_id: PathText) -> CalendarView:
    """The calendar."""
    await require_visible(runtime, visible, lead_id)
    entries = await calendar_of_lead(runtime, lead_id)
    return CalendarView(lead_id=lead_id, items=[calendar_entry_view(*entry) for entry in entries])


@post(
    "/api/enrolments/{enrolment_id:str}/stop",
    summary="End a sequence for a lead",
    description="Messages of it that wait to be sent are withheld.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(StopEnrolment, {"why": "called her instead"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_stop_enrolment(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    enrolment_id: PathText,
) -> EnrolmentView:
    """The enrolment."""
    body = await read_json_body(request, StopEnrolment)
    enrolment = await runtime.sequences.enrolments.get(enrolment_id)
    try:
        await require_visible(runtime, visible, enrolment.lead_id)
    except NotFound:
        raise NotFound("enrolment", enrolment_id) from None
    author = Author(principal.kind, principal.id)
    return enrolment_view(await stop_enrolment(runtime, enrolment_id, author, body.why))


READ_ENROLMENTS = (list_enrolments, list_enrolments_of_version, get_calendar)

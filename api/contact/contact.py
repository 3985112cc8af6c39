"""Routes by which reps record calls and notes about a lead."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import post
from pydantic import AwareDatetime, Field, Strict

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.capture.events import require_stored
from api.http.idempotency_key import idempotency_key
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from engine.access.principal import Principal
from engine.capture.deduplication import Appended
from workflows.access.visible_leads import require_visible
from workflows.contact.record import CallOutcome, add_note, event_id_of, log_call

__all__ = ["CONTACT"]

_LEAD = "/api/leads/{lead_id:str}"
_TAGS = ["Contact"]
_MAX_TEXT = 10_000

_EventId = Annotated[
    str | None,
    Field(
        max_length=200, description="The same id again is a duplicate; or send the header Idempotency-Key."
    ),
]


class LogCall(JsonBody):
    """A call with the lead, or an attempt at one."""

    outcome: CallOutcome
    minutes: float | None = Field(None, ge=0, le=1440)
    note: str = Field("", max_length=_MAX_TEXT, description="Stored encrypted.")
    occurred_at: Annotated[AwareDatetime, Strict(False)] | None = Field(
        None, description="When it was; now by default."
    )
    event_id: _EventId = None


class AddNote(JsonBody):
    """What somebody writes down about the lead."""

    note: str = Field(min_length=1, max_length=_MAX_TEXT, description="Stored encrypted.")
    event_id: _EventId = None


class RecordView(View, frozen=True):
    """A record that is stored, now or (`duplicate`) before: the event at `position`, for `?after=`."""

    event_id: str
    lead_id: str
    status: str
    position: int


@post(
    f"{_LEAD}/calls",
    summary="Log a call",
    description="An event in the lead's stream with the caller as author: `call.logged` if the lead was reached "
    "(`connected`, `meeting-booked`, `callback`, `not-interested`), else `call.attempted`.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(
            LogCall, {"outcome": "connected", "minutes": 12, "note": "Wants an offer by Friday"}
        )
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_call(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> RecordView:
    """The event."""
    body = await read_json_body(request, LogCall)
    await require_visible(runtime, visible, lead_id)
    event_id = _event_id(request, principal, lead_id, body.event_id)
    appended = await log_call(
        runtime, principal, lead_id, body.outcome, body.minutes, body.note, event_id, body.occurred_at
    )
    return _view(appended)


@post(
    f"{_LEAD}/notes",
    summary="Add a note",
    description="An event `note.added` in the lead's stream with the caller as author. It does not score.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(AddNote, {"note": "Prefers to be called after four"})
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_note(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> RecordView:
    """The event."""
    body = await read_json_body(request, AddNote)
    await require_visible(runtime, visible, lead_id)
    event_id = _event_id(request, principal, lead_id, body.event_id)
    return _view(await add_note(runtime, principal, lead_id, body.note, event_id))


def _event_id(request: HttpRequest, principal: Principal, lead_id: str, given: str | None) -> str | None:
    """The id in the body; else one that the header stands for; else none, and the engine makes one."""
    if given is not None:
        return given
    key = idempotency_key(request)
    return None if key is None else event_id_of(principal, lead_id, key)


def _view(appended: Appended) -> RecordView:
    require_stored(appended)
    return RecordView(
        event_id=appended.event_id,
        lead_id=appended.lead_id,
        status=appended.status,
        position=appended.position,
    )


CONTACT = (post_call, post_note)
"""Every call here."""

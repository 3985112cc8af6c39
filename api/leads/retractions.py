"""POST /api/leads/{leadId}/retractions: an event counts no longer, or after a retraction of the retraction again."""

from __future__ import annotations

from http import HTTPStatus

from litestar import post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from workflows.access.visible_leads import require_visible
from workflows.capture.retract import retract_event

__all__ = ["post_retraction"]


class RetractEvent(JsonBody):
    """The event that should not count, and why."""

    event_id: str = Field(
        min_length=1,
        max_length=200,
        description="An event of the lead; or a retraction, after which the event that it retracted counts again.",
    )
    why: str = Field(min_length=1, max_length=500, description="Stored encrypted, in the retraction.")


class RetractionView(View, frozen=True):
    """The stored retraction: an event of its own, which the lead has applied once it has reached `position`."""

    event_id: str
    lead_id: str
    retracted_event_id: str
    position: int


@post(
    "/api/leads/{lead_id:str}/retractions",
    summary="Retract an event",
    description=(
        "An event `event.retracted` in the lead's stream. The retracted event stays stored, but score, stage, history and "
        "every later reading of the lead leave it out; with `?knownAt=` it counts until the retraction was received. "
        "Automations that it caused say `causeRetracted`. To take a retraction back, retract it by its own `eventId`."
    ),
    tags=["Leads"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(RetractEvent, {"eventId": "evt-1", "why": "a mail scanner's click"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_retraction(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, lead_id: PathText
) -> RetractionView:
    """The retraction and its position, for `?after=`."""
    body = await read_json_body(request, RetractEvent)
    await require_visible(runtime, visible, lead_id)
    stored = await retract_event(runtime, actor, lead_id, body.event_id, body.why)
    return RetractionView(
        event_id=stored.event_id,
        lead_id=stored.lead_id,
        retracted_event_id=body.event_id,
        position=stored.position,
    )

"""POST /api/tasks: creates a task about a lead by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from pydantic import AwareDatetime, Field, Strict

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.visible import Visible
from api.automations.views import OwnedTaskView, task_view
from api.http.idempotency_key import idempotency_key
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import ProblemError, problems
from domain.errors import Fault, Invalid, NotFound
from domain.events.identifiers import is_blank, is_plain
from domain.instant import from_datetime
from engine.automations.task_store import TaskKeyReused
from engine.runtime import Runtime
from workflows.automations.create_task import NewTask, create_task
from workflows.capture.stored_ids import stored_lead_id

__all__ = ["post_task"]

_MAX_TITLE = 200


class CreateTask(JsonBody):
    """What is to be done about a lead."""

    lead_id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=_MAX_TITLE, description="Stored encrypted.")
    due_at: Annotated[AwareDatetime, Strict(False)] = Field(description="A time within the next 366 days.")
    priority: Literal["low", "normal", "high"] = "normal"
    assignee_id: str | None = Field(
        None, max_length=200, description="Id of the person who is to do it; null: nobody yet."
    )


@post(
    "/api/tasks",
    summary="Create a task",
    description=(
        "A task about a lead that the caller sees, with the event `task.created` in the lead's stream, which does not score. With "
        "the header `Idempotency-Key` a repeated call gets the first task, with 200; 422 if it says something else."
    ),
    tags=["Automations"],
    status_code=HTTPStatus.CREATED,
    operation_class=operation_with_body(
        json_request_body(
            CreateTask, {"leadId": "ada", "title": "Send the offer", "dueAt": "2026-12-03T09:00:00+01:00"}
        )
    ),
    responses={
        200: ResponseSpec(
            OwnedTaskView,
            description="The task of the first call with this Idempotency-Key",
            generate_examples=False,
        ),
        **problems(400, 404, 413, 415, 422, 503),
    },
)
async def post_task(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    visible: Visible,
) -> Response[OwnedTaskView]:
    """The task."""
    body, key = await read_json_body(request, CreateTask), idempotency_key(request)
    if is_blank(body.title):
        raise Invalid("No task was created.", (Fault("/title", "must not be empty"),))
    lead_id = await _lead(runtime, body.lead_id)
    owner_id = (await runtime.leads.states.owners([lead_id])).get(lead_id)
    if not visible.allows(owner_id):
        raise NotFound("lead", body.lead_id)
    wanted = NewTask(
        lead_id=lead_id,
        title=body.title,
        priority=body.priority,
        due_at=from_datetime(body.due_at),
        assignee_id=body.assignee_id,
    )
    try:
        created = await create_task(runtime, principal, actor, wanted, key)
    except TaskKeyReused:
        detail = "This Idempotency-Key was used with another body."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    status = HTTPStatus.CREATED if created.is_new else HTTPStatus.OK
    return Response(task_view(created.task, owner_id), status_code=status)


async def _lead(runtime: Runtime, lead_id: str) -> str:
    """The lead of this id, which may be that of a stream that was merged."""
    stored = lead_id if is_plain(lead_id) else await stored_lead_id(runtime, lead_id)
    return await runtime.identity.streams.lead_of(stored)

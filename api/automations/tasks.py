"""Routes that change tasks: who is to do one, when it is due, and that it is done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import delete, post
from pydantic import AwareDatetime, Field, Strict

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.automations.views import OwnedTaskView, task_view
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.errors import NotFound
from domain.instant import from_datetime
from domain.teams.visibility import VisibleLeads
from engine.automations.task_store import TaskView
from engine.runtime import Runtime
from workflows.automations.change_task import assign_task, snooze_task, unsnooze_task
from workflows.automations.complete_task import complete_task, reopen_task

__all__ = ["CHANGE_TASKS", "AssignTask", "CompleteTask", "SnoozeTask"]

_ONE = "/api/tasks/{task_id:str}"
_TAGS = ["Automations"]


class CompleteTask(JsonBody):
    """How the task ended."""

    outcome: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="A word such as `demo-booked`: small letters, digits, - and _.",
    )


class AssignTask(JsonBody):
    """Who is to do the task."""

    assignee_id: str | None = Field(max_length=200, description="Id of a person; null: nobody.")


class SnoozeTask(JsonBody):
    """When the task is due instead."""

    until: Annotated[AwareDatetime, Strict(False)] = Field(description="A time within the next 366 days.")


@post(
    f"{_ONE}/done",
    summary="Mark a task as done",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(CompleteTask, {"outcome": "demo-booked"}, required=False)
    ),
    responses=problems(400, 404, 413, 415, 503),
)
async def post_done(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, task_id: PathText
) -> OwnedTaskView:
    """Mark the task as done; doing so again changes nothing."""
    body = await read_json_body(request, CompleteTask, optional=True)
    _, owner_id = await _find(runtime, visible, task_id)
    return task_view(await complete_task(runtime, actor, task_id, body.outcome), owner_id)


@post(
    f"{_ONE}/assign",
    summary="Give a task to a person",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(AssignTask, {"assigneeId": "person_0123456789abcdef"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_assign(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, task_id: PathText
) -> OwnedTaskView:
    """The task. The owner of its lead stays."""
    body = await read_json_body(request, AssignTask)
    task, owner_id = await _find(runtime, visible, task_id)
    return task_view(await assign_task(runtime, actor, task, body.assignee_id), owner_id)


@post(
    f"{_ONE}/snooze",
    summary="Make a task due later",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(SnoozeTask, {"until": "2026-12-03T09:00:00+01:00"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_snooze(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, task_id: PathText
) -> OwnedTaskView:
    """The task with its new due time."""
    body = await read_json_body(request, SnoozeTask)
    task, owner_id = await _find(runtime, visible, task_id)
    return task_view(await snooze_task(runtime, actor, task, from_datetime(body.until)), owner_id)


@delete(
    f"{_ONE}/snooze",
    summary="Make a snoozed task due when it was before",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 409, 503),
)
async def delete_snooze(
    runtime: RuntimeDep, actor: CurrentActor, visible: Visible, task_id: PathText
) -> OwnedTaskView:
    """The task with the due time that it had before it was snoozed last."""
    task, owner_id = await _find(runtime, visible, task_id)
    return task_view(await unsnooze_task(runtime, actor, task), owner_id)


@post(
    f"{_ONE}/reopen",
    summary="Make a done task open again",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 503),
)
async def post_reopen(
    runtime: RuntimeDep, actor: CurrentActor, visible: Visible, task_id: PathText
) -> OwnedTaskView:
    """The task, due when it was and without an outcome; reopening an open one changes nothing."""
    _, owner_id = await _find(runtime, visible, task_id)
    return task_view(await reopen_task(runtime, actor, task_id), owner_id)


async def _find(runtime: Runtime, visible: VisibleLeads, task_id: str) -> tuple[TaskView, str | None]:
    """The task and the owner of its lead. Raises `NotFound`, for one of a lead that the caller does not see too."""
    task = await runtime.automations.tasks.get(task_id)
    owner_id = (await runtime.leads.states.owners([task.lead_id])).get(task.lead_id)
    if not visible.allows(owner_id):
        raise NotFound("task", task_id)
    return task, owner_id


CHANGE_TASKS = (post_done, post_reopen, post_assign, post_snooze, delete_snooze)
"""Every call here."""

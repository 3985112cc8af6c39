"""POST /api/task-changes: one change of up to 200 tasks, with a result for each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import post
from pydantic import Field, StringConstraints

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.automations.tasks import AssignTask, CompleteTask, SnoozeTask
from api.automations.views import TaskView, plain_task_view
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.errors import Fault, Invalid
from domain.instant import from_datetime
from workflows.automations.change_tasks import (
    MAX_TASKS,
    AssignTo,
    Complete,
    Snooze,
    TaskChange,
    change_tasks,
)

__all__ = ["post_task_changes"]

_TaskId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_NOT_CHANGED = "No task was changed."


class ChangeTasks(JsonBody):
    """The tasks, and one of the changes."""

    tasks: list[_TaskId] = Field(min_length=1, max_length=MAX_TASKS, description="Ids of tasks, each once.")
    assign: AssignTask | None = None
    snooze: SnoozeTask | None = None
    done: CompleteTask | None = None


class TaskChangeView(View, frozen=True):
    """What became of one task, and how it is now.

    `changed`. `unchanged`: it was so already. `done`: it is done, so that it is neither assigned nor snoozed. `not-found`:
    there is no such task, or the caller does not see its lead.
    """

    task_id: str
    status: str
    task: TaskView | None


class TaskChangesView(View, frozen=True):
    """One result per task, in the order of the call."""

    results: list[TaskChangeView]


@post(
    "/api/task-changes",
    summary="Assign, snooze or complete many tasks",
    description=(
        "As by the calls about one task, with the same rights and an entry in the audit log for each. One of `assign`, `snooze` "
        "and `done`. A repeated call changes nothing twice."
    ),
    tags=["Automations"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(ChangeTasks, {"tasks": ["task_1", "task_2"], "done": {"outcome": "demo-booked"}})
    ),
    responses=problems(400, 413, 415, 503),
)
async def post_task_changes(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible
) -> TaskChangesView:
    """What became of each task."""
    body = await read_json_body(request, ChangeTasks)
    change = _change(body)
    if len(set(body.tasks)) < len(body.tasks):
        raise Invalid(_NOT_CHANGED, (Fault("/tasks", "should name each task once"),))
    results = await change_tasks(runtime, actor, visible, body.tasks, change)
    return TaskChangesView(
        results=[
            TaskChangeView(
                task_id=one.task_id,
                status=one.status,
                task=None if one.task is None else plain_task_view(one.task),
            )
            for one in results
        ]
    )


def _change(body: ChangeTasks) -> TaskChange:
    changes: list[TaskChange] = []
    if body.assign is not None:
        changes.append(AssignTo(body.assign.assignee_id))
    if body.snooze is not None:
        changes.append(Snooze(from_datetime(body.snooze.until)))
    if body.done is not None:
        changes.append(Complete(body.done.outcome))
    if len(changes) != 1:
        raise Invalid(_NOT_CHANGED, (Fault("", "should have one of assign, snooze and done"),))
    return changes[0]

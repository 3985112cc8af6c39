"""Routes of automation executions and of the tasks that they created for reps."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import QueryParameter

from api.automations.views import ExecutionsPage, TasksPage, TaskView, execution_view, task_view
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from engine.automations.execution import ExecutionState
from workflows.capture.stored_ids import stored_lead_id

__all__ = ["complete_task", "list_executions", "list_tasks"]

_LeadId = Annotated[
    str | None, QueryParameter(name="leadId", max_length=200, description="Only of this lead.")
]


@get(
    "/api/automations/executions",
    summary="Every run of an automation, with its attempts",
    tags=["Automations"],
    responses=problems(400, 503),
)
async def list_executions(
    request: HttpRequest,
    runtime: RuntimeDep,
    lead_id: _LeadId = None,
    rule_id: Annotated[
        str | None, QueryParameter(name="ruleId", max_length=64, description="Only of this automation.")
    ] = None,
    in_state: Annotated[
        ExecutionState | None,
        QueryParameter(name="state", description="Only in this state."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[ExecutionsPage]:
    """Executions, newest first."""
    found = await runtime.automations.executions.page(
        lead_id=lead_id and await stored_lead_id(runtime, lead_id),
        rule_id=rule_id,
        state=in_state,
        after=decode_time_cursor(cursor, "executions"),
        limit=limit + 1,
    )
    return page_of(
        request,
        found,
        limit,
        of="executions",
        keyset=lambda one: (one.created_at, one.unit_id),
        view=execution_view,
    )


@get(
    "/api/tasks",
    summary="Tasks for reps, the earliest due first",
    tags=["Automations"],
    responses=problems(400, 503),
)
async def list_tasks(
    request: HttpRequest,
    runtime: RuntimeDep,
    lead_id: _LeadId = None,
    in_state: Annotated[
        Literal["open", "done"] | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[TasksPage]:
    """Tasks by due time."""
    tasks = await runtime.automations.tasks.page(
        state=in_state,
        lead_id=lead_id and await stored_lead_id(runtime, lead_id),
        after=decode_time_cursor(cursor, "tasks"),
        limit=limit + 1,
    )
    return page_of(
        request, tasks, limit, of="tasks", keyset=lambda task: (task.due_at, task.task_id), view=task_view
    )


@post(
    "/api/tasks/{task_id:str}/done",
    summary="Mark a task as done",
    tags=["Automations"],
    status_code=200,
    responses=problems(400, 404, 503),
)
async def complete_task(runtime: RuntimeDep, task_id: PathText) -> TaskView:
    """Mark the task as done; doing so again changes nothing."""
    return task_view(await runtime.automations.tasks.complete(task_id))

"""What automations did, and the tasks they made for reps."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import QueryParameter

from api.automations.views import ExecutionsPage, TaskAnswer, TasksPage, execution_answer, task_answer
from api.http.parameters import (
    Cursor,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    RuntimeDep,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems

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
        Literal["pending", "running", "done", "dead"] | None,
        QueryParameter(name="state", description="Only in this state."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[ExecutionsPage]:
    """Executions, newest first."""
    found = await runtime.automations.executions.page(
        lead_id=lead_id,
        rule_id=rule_id,
        state=in_state,
        after=decode_cursor(cursor, "executions", tuple[Moment, str]),
        limit=limit + 1,
    )
    more = next_cursor("executions", found, limit, lambda last: (last.created_at, last.execution_id))
    page = ExecutionsPage(items=[execution_answer(one) for one in found[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get(
    "/api/tasks",
    summary="Tasks for reps, the most pressing first",
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
        lead_id=lead_id,
        after=decode_cursor(cursor, "tasks", tuple[Moment, str]),
        limit=limit + 1,
    )
    more = next_cursor("tasks", tasks, limit, lambda last: (last.due_at, last.task_id))
    page = TasksPage(items=[task_answer(task) for task in tasks[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@post(
    "/api/tasks/{task_id:str}/done",
    summary="Mark a task as done",
    tags=["Automations"],
    status_code=200,
    responses=problems(400, 404, 503),
)
async def complete_task(runtime: RuntimeDep, task_id: PathText) -> TaskAnswer:
    """Mark the task as done; doing so again changes nothing."""
    return task_answer(await runtime.automations.tasks.complete(task_id))

"""Routes of automation executions and of the tasks that they created for reps."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.automations.views import ExecutionsPage, TasksPage, execution_view, task_view
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from engine.automations.execution import Execution, ExecutionState
from engine.automations.task_store import TaskView as StoredTask
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from workflows.access.visible_leads import visible_rows
from workflows.capture.stored_ids import stored_lead_id

__all__ = ["list_executions", "list_tasks"]

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
    visible: Visible,
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
    streams = None if lead_id is None else await _streams_of(runtime, lead_id)

    async def find(after: Keyset | None, size: int) -> list[Execution]:
        return await runtime.automations.executions.page(
            lead_id=streams, rule_id=rule_id, state=in_state, after=after, limit=size
        )

    found = await visible_rows(
        runtime,
        visible,
        find,
        lead_of=lambda one: one.lead_id,
        keyset_of=_keyset_of_execution,
        after=decode_time_cursor(cursor, "executions"),
        limit=limit + 1,
    )
    return page_of(
        request,
        found.rows,
        limit,
        of="executions",
        keyset=_keyset_of_execution,
        view=execution_view,
        resume=found.resume,
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
    visible: Visible,
    lead_id: _LeadId = None,
    in_state: Annotated[
        Literal["open", "done"] | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    assignee: Annotated[
        str | None, QueryParameter(max_length=200, description="Only of this person: an id, or `me`.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[TasksPage]:
    """Tasks by due time."""
    streams = None if lead_id is None else await _streams_of(runtime, lead_id)
    if assignee == "me":
        assignee = request.auth.id

    async def find(after: Keyset | None, size: int) -> list[StoredTask]:
        return await runtime.automations.tasks.page(
            state=in_state,
            lead_id=streams,
            assignee_id=assignee,
            owners=visible.owners_or_none,
            after=after,
            limit=size,
        )

    found = await visible_rows(
        runtime,
        visible,
        find,
        lead_of=lambda task: task.lead_id,
        keyset_of=_keyset_of_task,
        after=decode_time_cursor(cursor, "tasks"),
        limit=limit + 1,
    )
    return page_of(
        request,
        found.rows,
        limit,
        of="tasks",
        keyset=_keyset_of_task,
        view=lambda task: task_view(task, found.owners.get(task.lead_id)),
        resume=found.resume,
    )


def _keyset_of_execution(execution: Execution) -> Keyset:
    return (execution.created_at, execution.unit_id)


def _keyset_of_task(task: StoredTask) -> Keyset:
    return (task.due_at, task.task_id)


async def _streams_of(runtime: Runtime, lead_id: str) -> tuple[str, ...]:
    """The ids under which anything of the lead is stored."""
    return await runtime.identity.streams.of_lead(await stored_lead_id(runtime, lead_id))

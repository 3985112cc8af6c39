"""Response bodies of automation executions and tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import structs

from api.http.pages import Page, component
from api.http.view import View
from domain.instant import to_datetime
from engine.automations.execution import Execution
from engine.automations.task_store import TaskView as StoredTask

__all__ = [
    "ExecutionView",
    "ExecutionsPage",
    "OwnedTaskView",
    "TaskView",
    "TasksPage",
    "execution_view",
    "plain_task_view",
    "task_view",
]


class ExecutionAttemptView(View, frozen=True):
    number: int
    at: datetime
    outcome: str
    detail: str


class ExecutionView(View, frozen=True):
    """One run of an automation, with every attempt. `causeRetracted`: the event that caused it counts no longer."""

    execution_id: str
    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    cause_retracted: bool
    action: dict[str, str | float | bool]
    state: str
    attempts: list[ExecutionAttemptView]
    created_at: datetime
    due_at: datetime


ExecutionsPage = Annotated[Page[ExecutionView], component("ExecutionsPage")]


class TaskView(View, frozen=True):
    """Something to do about a lead. `ruleId` is the automation that made it; `by-hand`: a person, or a program, `createdBy`."""

    task_id: str
    lead_id: str
    rule_id: str
    title: str
    priority: str
    state: str
    created_at: datetime
    due_at: datetime
    assignee_id: str | None
    outcome: str | None
    created_by: str | None


class OwnedTaskView(TaskView, frozen=True):
    """A task with the present owner of its lead."""

    owner_id: str | None


TasksPage = Annotated[Page[OwnedTaskView], component("TasksPage")]


def execution_view(execution: Execution) -> ExecutionView:
    return ExecutionView(
        execution_id=execution.unit_id,
        lead_id=execution.lead_id,
        rule_id=execution.rule_id,
        date_bucket=execution.date_bucket,
        cause_position=execution.cause_position,
        cause_retracted=execution.cause_retracted,
        action=execution.action,
        state=execution.execution_state,
        attempts=[
            ExecutionAttemptView(
                number=one.number, at=to_datetime(one.at), outcome=one.outcome or "started", detail=one.detail
            )
            for one in execution.attempts
        ],
        created_at=to_datetime(execution.created_at),
        due_at=to_datetime(execution.due_at),
    )


def plain_task_view(task: StoredTask) -> TaskView:
    return TaskView(**_fields(task))


def task_view(task: StoredTask, owner_id: str | None) -> OwnedTaskView:
    return OwnedTaskView(owner_id=owner_id, **_fields(task))


def _fields(task: StoredTask) -> dict[str, Any]:
    times = {"created_at": to_datetime(task.created_at), "due_at": to_datetime(task.due_at)}
    return {**structs.asdict(task), **times}

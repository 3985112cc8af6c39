"""What answers about automations and their tasks look like."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from domain.instant import to_datetime
from engine.automations.execution_store import Execution
from engine.automations.task_store import TaskView

__all__ = [
    "ExecutionAnswer",
    "ExecutionsPage",
    "TaskAnswer",
    "TasksPage",
    "execution_answer",
    "task_answer",
]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class AttemptAnswer(_Answer, frozen=True):
    number: int
    at: datetime
    outcome: str
    detail: str


class ExecutionAnswer(_Answer, frozen=True):
    """One run of an automation, with every attempt."""

    execution_id: str
    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    action: dict[str, str | float | bool]
    state: str
    attempts: list[AttemptAnswer]
    created_at: datetime
    due_at: datetime


class ExecutionsPage(_Answer, frozen=True):
    items: list[ExecutionAnswer]
    next_cursor: str | None


class TaskAnswer(_Answer, frozen=True):
    task_id: str
    lead_id: str
    rule_id: str
    title: str
    priority: str
    state: str
    created_at: datetime
    due_at: datetime


class TasksPage(_Answer, frozen=True):
    items: list[TaskAnswer]
    next_cursor: str | None


def execution_answer(execution: Execution) -> ExecutionAnswer:
    return ExecutionAnswer(
        execution_id=execution.execution_id,
        lead_id=execution.lead_id,
        rule_id=execution.rule_id,
        date_bucket=execution.date_bucket,
        cause_position=execution.cause_position,
        action=execution.action,
        state=execution.state,
        attempts=[
            AttemptAnswer(number=one.number, at=to_datetime(one.at), outcome=one.outcome, detail=one.detail)
            for one in execution.attempts
        ],
        created_at=to_datetime(execution.created_at),
        due_at=to_datetime(execution.due_at),
    )


def task_answer(task: TaskView) -> TaskAnswer:
    return TaskAnswer(
        task_id=task.task_id,
        lead_id=task.lead_id,
        rule_id=task.rule_id,
        title=task.title,
        priority=task.priority,
        state=task.state,
        created_at=to_datetime(task.created_at),
        due_at=to_datetime(task.due_at),
    )

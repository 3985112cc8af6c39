"""The personal data of automations: the export of a lead's executions and of the tasks they created."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.instant import to_datetime
from engine.automations.execution import Execution
from engine.automations.execution_store import EXECUTIONS, ExecutionStore
from engine.automations.task_document import TASKS
from engine.automations.task_store import TaskStore, TaskView
from engine.privacy.personal_data import EncryptedDataStore, Exported, Record

__all__ = ["ExecutionData", "TaskData"]

_PAGE = 200


class ExecutionData(EncryptedDataStore):
    """The registration of executions, which hold facts of the fold and words of the rulebook."""

    collections = (EXECUTIONS,)

    def __init__(self, executions: ExecutionStore) -> None:
        self._executions = executions

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"executions": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        after = None
        while page := await self._executions.page(
            lead_id=lead_id, rule_id=None, state=None, after=after, limit=_PAGE
        ):
            for execution in page:
                yield _execution_record(execution)
            after = (page[-1].created_at, page[-1].unit_id)


class TaskData(EncryptedDataStore):
    """The registration of tasks. Titles are words of the rulebook, or encrypted if a person wrote them."""

    collections = (TASKS,)

    def __init__(self, tasks: TaskStore) -> None:
        self._tasks = tasks

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"tasks": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        after = None
        while page := await self._tasks.page(state=None, lead_id=lead_id, after=after, limit=_PAGE):
            for task in page:
                yield _task_record(task)
            after = (page[-1].due_at, page[-1].task_id)


def _execution_record(execution: Execution) -> Record:
    return {
        "executionId": execution.unit_id,
        "leadId": execution.lead_id,
        "ruleId": execution.rule_id,
        "dateBucket": execution.date_bucket,
        "causePosition": execution.cause_position,
        "causeRetracted": execution.cause_retracted,
        "action": execution.action,
        "state": execution.execution_state,
        "attempts": [
            {
                "number": attempt.number,
                "at": to_datetime(attempt.at),
                "outcome": attempt.outcome or "started",
                "detail": attempt.detail,
            }
            for attempt in execution.attempts
        ],
        "createdAt": to_datetime(execution.created_at),
        "dueAt": to_datetime(execution.due_at),
    }


def _task_record(task: TaskView) -> Record:
    return {
        "taskId": task.task_id,
        "leadId": task.lead_id,
        "ruleId": task.rule_id,
        "title": task.title,
        "priority": task.priority,
        "state": task.state,
        "assigneeId": task.assignee_id,
        "outcome": task.outcome,
        "createdBy": task.created_by,
        "createdAt": to_datetime(task.created_at),
        "dueAt": to_datetime(task.due_at),
    }

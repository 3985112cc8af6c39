"""The `task` action: puts a task on the reps' list."""

from __future__ import annotations

from domain.automations.actions import TaskAction
from domain.events.vocabulary import TASK_CREATED
from domain.instant import HOUR, Millis
from engine.automations.actions import Effect
from engine.automations.execution import Execution
from engine.automations.task_store import TaskStore, TaskView

__all__ = ["CreateTask"]


class CreateTask:
    """Creates one task per execution, due some hours after the automation fired."""

    def __init__(self, tasks: TaskStore) -> None:
        self._tasks = tasks

    async def perform(self, execution: Execution, at: Millis) -> Effect:
        wanted = TaskAction.model_validate(execution.action)
        await self._tasks.create(
            TaskView(
                task_id=execution.unit_id,
                lead_id=execution.lead_id,
                rule_id=execution.rule_id,
                title=wanted.title,
                priority=wanted.priority,
                state="open",
                created_at=at,
                due_at=execution.created_at + round(wanted.due_in_hours * HOUR),
            )
        )
        return Effect(TASK_CREATED, {"taskId": execution.unit_id, "title": wanted.title})

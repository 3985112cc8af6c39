"""Completion of a task by a person or a program, and its undoing, each with an entry in the audit log."""

from __future__ import annotations

from engine.automations.task_store import TaskView
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.automations.changed_task import changed_task

__all__ = ["complete_task", "reopen_task"]


async def complete_task(runtime: Runtime, actor: Actor, task_id: str, outcome: str | None = None) -> TaskView:
    """Mark the task as done, with its outcome; doing so again changes nothing. Raises `NotFound`."""

    async def complete(session: Session) -> tuple[TaskView, AuditAction | None]:
        task, was_open = await runtime.automations.tasks.complete(task_id, outcome, session)
        action = AuditAction(
            "task.completed",
            task_id,
            before={"state": "open"},
            after={
                "state": "done",
                "leadId": task.lead_id,
                **({} if outcome is None else {"outcome": outcome}),
            },
        )
        return task, action if was_open else None

    return await changed_task(runtime, actor, complete)


async def reopen_task(runtime: Runtime, actor: Actor, task_id: str) -> TaskView:
    """Make a done task open again, due when it was; an open one stays as it is. Raises `NotFound`."""

    async def reopen(session: Session) -> tuple[TaskView, AuditAction | None]:
        task, was_done = await runtime.automations.tasks.reopen(task_id, session)
        action = AuditAction(
            "task.reopened",
            task_id,
            before={"state": "done"},
            after={"state": "open", "leadId": task.lead_id},
        )
        return task, action if was_done else None

    return await changed_task(runtime, actor, reopen)

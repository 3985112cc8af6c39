"""Changes of an open task, who is to do it and when it is due, each with an entry in the audit log."""

from __future__ import annotations

from domain.errors import Fault, Invalid
from domain.instant import DAY, Millis, to_datetime
from engine.automations.task_store import TaskView
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.automations.changed_task import changed_task
from workflows.teams.assign import require_worker

__all__ = ["assign_task", "require_snooze", "snooze_task", "unsnooze_task"]

_LONGEST_SNOOZE = 366 * DAY


async def assign_task(runtime: Runtime, actor: Actor, before: TaskView, assignee_id: str | None) -> TaskView:
    """Give the task to a person, or to nobody. Raises `Conflict` for one that is done, `Invalid` for who cannot do it."""
    if assignee_id is not None:
        await require_worker(runtime, assignee_id, "/assigneeId", "The task was not assigned.")

    async def assign(session: Session) -> tuple[TaskView, AuditAction | None]:
        task = await runtime.automations.tasks.assign(before.task_id, assignee_id, session)
        action = AuditAction(
            "task.assigned",
            task.task_id,
            before={"assigneeId": before.assignee_id},
            after={"assigneeId": assignee_id, "leadId": task.lead_id},
        )
        return task, action if before.assignee_id != assignee_id else None

    return await changed_task(runtime, actor, assign)


async def snooze_task(runtime: Runtime, actor: Actor, before: TaskView, until: Millis) -> TaskView:
    """Make the task due at another time to come. Raises `Conflict` for one that is done, `Invalid` for another time."""
    require_snooze(runtime, until)

    async def snooze(session: Session) -> tuple[TaskView, AuditAction | None]:
        task = await runtime.automations.tasks.snooze(before.task_id, until, session)
        action = AuditAction(
            "task.snoozed",
            task.task_id,
            before={"dueAt": to_datetime(before.due_at).isoformat()},
            after={"dueAt": to_datetime(until).isoformat(), "leadId": task.lead_id},
        )
        return task, action if before.due_at != until else None

    return await changed_task(runtime, actor, snooze)


def require_snooze(
    runtime: Runtime, until: Millis, pointer: str = "/until", message: str = "The task was not snoozed."
) -> None:
    """Raise `Invalid` for a time to which no task is snoozed."""
    if not runtime.now() < until <= runtime.now() + _LONGEST_SNOOZE:
        raise Invalid(message, (Fault(pointer, "should be within the next 366 days"),))


async def unsnooze_task(runtime: Runtime, actor: Actor, before: TaskView) -> TaskView:
    """Make the task due when it was before it was snoozed last. Raises `Conflict` for one that is done or not snoozed."""

    async def unsnooze(session: Session) -> tuple[TaskView, AuditAction | None]:
        task = await runtime.automations.tasks.unsnooze(before.task_id, session)
        action = AuditAction(
            "task.unsnoozed",
            task.task_id,
            before={"dueAt": to_datetime(before.due_at).isoformat()},
            after={"dueAt": to_datetime(task.due_at).isoformat(), "leadId": task.lead_id},
        )
        return task, action

    return await changed_task(runtime, actor, unsnooze)

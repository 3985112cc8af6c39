"""One change of many tasks at once: another assignee, another due time, or that they are done. Each has its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.teams.visibility import VisibleLeads
from engine.automations.task_store import TaskView
from engine.operations.audit_log import Actor
from engine.runtime import Runtime
from workflows.automations.change_task import assign_task, require_snooze, snooze_task
from workflows.automations.complete_task import complete_task
from workflows.teams.assign import require_worker

__all__ = ["MAX_TASKS", "AssignTo", "Complete", "Snooze", "TaskChange", "TaskChanged", "change_tasks"]

MAX_TASKS = 200
"""Tasks of one call."""
_AT_ONCE = 8
"""Transactions in flight; they touch different tasks, so they do not wait for each other."""

Status = Literal["changed", "unchanged", "done", "not-found"]


class AssignTo(Struct, frozen=True):
    """Give tasks to a person, or to nobody."""

    assignee_id: str | None


class Snooze(Struct, frozen=True):
    """Make tasks due at another time."""

    until: Millis


class Complete(Struct, frozen=True):
    """Mark tasks as done."""

    outcome: str | None


TaskChange = AssignTo | Snooze | Complete


class TaskChanged(Struct, frozen=True):
    """What became of one task; the task as it is now unless it was not found."""

    task_id: str
    status: Status
    task: TaskView | None = None


async def change_tasks(
    runtime: Runtime, actor: Actor, visible: VisibleLeads, task_ids: Sequence[str], change: TaskChange
) -> list[TaskChanged]:
    """Make the change of each task, in a transaction of its own with its audit entry. Returns one result per task, in their order.

    Repeating the call changes nothing twice. Raises `Invalid` for an assignee who may not work on leads, or another time,
    before any task is changed.
    """
    if isinstance(change, AssignTo) and change.assignee_id is not None:
        await require_worker(runtime, change.assignee_id, "/assign/assigneeId", "No task was changed.")
    if isinstance(change, Snooze):
        require_snooze(runtime, change.until, "/snooze/until", "No task was changed.")
    results: list[TaskChanged] = []
    for start in range(0, len(task_ids), _AT_ONCE):
        results += await asyncio.gather(
            *(_change(runtime, actor, visible, one, change) for one in task_ids[start : start + _AT_ONCE])
        )
    return results


async def _change(
    runtime: Runtime, actor: Actor, visible: VisibleLeads, task_id: str, change: TaskChange
) -> TaskChanged:
    try:
        before = await runtime.automations.tasks.get(task_id)
        owners = await runtime.leads.states.owners([before.lead_id])
    except NotFound:
        return TaskChanged(task_id, "not-found")
    if not visible.allows(owners.get(before.lead_id)):
        return TaskChanged(task_id, "not-found")
    if _has(before, change):
        return TaskChanged(task_id, "unchanged", before)
    try:
        return TaskChanged(task_id, "changed", await _changed(runtime, actor, before, change))
    except Conflict:
        return TaskChanged(task_id, "done", await runtime.automations.tasks.get(task_id))


def _has(task: TaskView, change: TaskChange) -> bool:
    """Whether the open task is as the change would make it, or the done one done already."""
    if isinstance(change, Complete):
        return task.state == "done"
    if task.state == "done":
        return False
    return (
        task.assignee_id == change.assignee_id
        if isinstance(change, AssignTo)
        else task.due_at == change.until
    )


async def _changed(runtime: Runtime, actor: Actor, before: TaskView, change: TaskChange) -> TaskView:
    match change:
        case AssignTo(assignee_id=assignee_id):
            return await assign_task(runtime, actor, before, assignee_id)
        case Snooze(until=until):
            return await snooze_task(runtime, actor, before, until)
        case Complete(outcome=outcome):
            return await complete_task(runtime, actor, before.task_id, outcome)

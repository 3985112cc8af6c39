"""A change of a task: committed with its entry in the audit log, then announced to the live streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.automations.task_store import TaskView
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["changed_task"]


async def changed_task(
    runtime: Runtime,
    actor: Actor,
    change: Callable[[Session], Awaitable[tuple[TaskView, AuditAction | None]]],
) -> TaskView:
    """The task after `change`, which runs as in `audited`. The streams name its lead, so that lists of tasks follow."""
    task = await audited(runtime, actor, change)
    await runtime.leads.announce([task.lead_id])
    return task

"""Creation of a task by hand: the task with its entry in the audit log, then an event in the stream of the lead."""

from __future__ import annotations

import hashlib
import uuid

import msgspec
from msgspec import Struct

from domain.errors import Fault, Invalid, NotFound
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import TASK_CREATED
from domain.instant import DAY, Millis, to_datetime
from engine.access.principal import Principal
from engine.automations.task_store import TaskView
from engine.operations.audit_log import Actor, AuditAction
from engine.privacy.lead_key import LeadKey
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.teams.assign import BY_HAND, require_worker

__all__ = ["CreatedTask", "NewTask", "create_task"]

_LATEST = 366 * DAY
_NOT_CREATED = "No task was created."


class NewTask(Struct, frozen=True, kw_only=True):
    """What is to be done about which lead, by when, and by whom."""

    lead_id: str
    title: str
    priority: str
    due_at: Millis
    assignee_id: str | None


class CreatedTask(Struct, frozen=True):
    """The task, and whether this call has created it."""

    task: TaskView
    is_new: bool


async def create_task(
    runtime: Runtime, by: Principal, actor: Actor, wanted: NewTask, idempotency_key: str | None
) -> CreatedTask:
    """Create the task, and append `task.created` to the stream of the lead. The title is encrypted with the key of the lead.

    The same key of the same caller gives the first task. Raises `NotFound` for a lead without events, `Invalid` for a time that has passed or
    who cannot do it, `TaskKeyReused` if something else was asked for under the key, `Unavailable` when it is not known whether the event is
    stored: then repeating the call under the same key is safe.
    """
    if not await runtime.capture.events.last_of_lead(wanted.lead_id):
        raise NotFound("lead", wanted.lead_id)
    if wanted.assignee_id is not None:
        await require_worker(runtime, wanted.assignee_id, "/assigneeId", _NOT_CREATED)
    runtime.capture.appender.require_room()
    key = (await runtime.privacy.keys.of_leads([wanted.lead_id]))[wanted.lead_id]
    task = _task(by, wanted, key, idempotency_key, runtime.now())
    body_hash = key.body_hash(_digest(msgspec.json.encode(wanted)))

    async def add(session: Session) -> tuple[CreatedTask, AuditAction | None]:
        stored, is_new = await runtime.automations.tasks.add(task, body_hash, session)
        if is_new:
            _require_time(runtime, wanted.due_at)
        return CreatedTask(stored, is_new), _entry(stored) if is_new else None

    created = await audited(runtime, actor, add)
    await runtime.automations.task_owners.settle([task.lead_id])
    await runtime.capture.appender.append([_event(by, task, key)])
    await runtime.leads.announce([task.lead_id])
    return created


def _require_time(runtime: Runtime, due_at: Millis) -> None:
    if not runtime.now() < due_at <= runtime.now() + _LATEST:
        raise Invalid(_NOT_CREATED, (Fault("/dueAt", "should be within the next 366 days"),))


def _task(by: Principal, wanted: NewTask, key: LeadKey, idempotency_key: str | None, at: Millis) -> TaskView:
    made_of = f"{by.kind}\x1f{by.id}\x1f{idempotency_key}"
    return TaskView(
        task_id=f"task_{uuid.uuid4().hex if idempotency_key is None else _digest(made_of.encode())}",
        lead_id=wanted.lead_id,
        rule_id=BY_HAND,
        title=key.seal("title", wanted.title),
        priority=wanted.priority,
        state="open",
        created_at=at,
        due_at=wanted.due_at,
        assignee_id=wanted.assignee_id,
        created_by=by.id,
    )


def _event(by: Principal, task: TaskView, key: LeadKey) -> NewEvent:
    """As those of automations' tasks, and with the title encrypted; one per task, however often it is appended."""
    event_id = f"task:{task.task_id}"
    return NewEvent(
        event_id=event_id,
        lead_id=task.lead_id,
        type=TASK_CREATED,
        occurred_at=task.created_at,
        received_at=task.created_at,
        body_hash=key.body_hash(event_id),
        source=ENGINE_SOURCE,
        properties={"taskId": task.task_id, "title": task.title, "author": by.id},
    )


def _entry(task: TaskView) -> AuditAction:
    return AuditAction(
        TASK_CREATED,
        task.task_id,
        after={
            "leadId": task.lead_id,
            "assigneeId": task.assignee_id,
            "dueAt": to_datetime(task.due_at).isoformat(),
        },
    )


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=16).hexdigest()

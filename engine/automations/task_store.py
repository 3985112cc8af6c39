"""Tasks for reps in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.privacy.personal_fields import is_sealed
from engine.automations.task_document import Task
from engine.automations.task_owners import TaskOwners
from engine.privacy.lead_key import LeadKeys
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.sealed_properties import open_value
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.bound_documents import BoundDocuments
from engine.store.keyset import Keyset
from engine.store.mongo import Document, Session

__all__ = ["DueTask", "Owners", "TaskKeyReused", "TaskStore", "TaskView"]


Owners = Collection[str | None]
"""Ids of people, None among them for leads that are nobody's."""

_STATES = ["open", "done"]


class TaskView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A task, as its readers get it."""

    task_id: str
    lead_id: str
    rule_id: str
    title: str
    priority: str
    state: Literal["open", "done"]
    created_at: Millis
    due_at: Millis
    assignee_id: str | None = None
    outcome: str | None = None
    created_by: str | None = None


class DueTask(NamedTuple):
    """When which open task is due, and of which lead."""

    due_at: Millis
    task_id: str
    lead_id: str


class TaskKeyReused(Conflict):
    """A task was created under this id, and something else was asked for then."""


class TaskStore:
    """Creates, lists, changes and completes tasks. Titles that are encrypted are opened for readers."""

    def __init__(self, documents: BoundDocuments, keys: LeadKeyStore, owners: TaskOwners) -> None:
        self._tasks = documents.of(Task)
        self._keys = keys
        self._owners = owners

    async def create(self, task: TaskView) -> None:
        """Store a task; the same id again changes nothing."""
        owner = await self._owners.of(task.lead_id)
        try:
            await self._document(task, owner).insert()
        except DuplicateKeyError:  # an earlier attempt came this far
            owner = None
        if owner != await self._owners.of(task.lead_id):
            await self._owners.settle([task.lead_id])

    async def add(self, task: TaskView, body_hash: str, session: Session) -> tuple[TaskView, bool]:
        """Store a task that a person wants, its title encrypted. Returns it, and whether it is new.

        After the transaction the caller settles the owner. Raises `TaskKeyReused` if there is a task of this id with another body hash.
        """
        before = await self._tasks.get(task.task_id, session=session)
        if before is None:
            before = self._document(task, await self._owners.of(task.lead_id), body_hash)
            await before.insert(session=session)
            return await self._view(before), True
        if before.body_hash != body_hash:
            raise TaskKeyReused(f"Task '{task.task_id}' was created by another call.")
        return await self._view(before), False

    def _document(self, task: TaskView, owner_id: str | None, body_hash: str | None = None) -> Task:
        document: Task = self._tasks.model_validate(
            {
                "id": task.task_id,
                "leadId": task.lead_id,
                "ruleId": task.rule_id,
                "title": task.title,
                "priority": task.priority,
                "state": task.state,
                "createdAt": to_bson(task.created_at),
                "dueAt": to_bson(task.due_at),
                "assigneeId": task.assignee_id,
                "ownerId": owner_id,
                "createdBy": task.created_by,
                "bodyHash": body_hash,
            }
        )
        return document

    async def page(
        self,
        *,
        state: str | None,
        lead_id: str | Sequence[str] | None,
        assignee_id: str | None = None,
        owners: Owners | None = None,
        after: Keyset | None,
        limit: int,
    ) -> list[TaskView]:
        """Tasks, the next due first; of a lead, or of all streams of one; of leads of these owners."""
        query = keyset.after("dueAt", after, descending=False)
        if state is not None:
            query["state"] = state
        if lead_id is not None:
            query["leadId"] = lead_id if isinstance(lead_id, str) else {"$in": list(lead_id)}
        if assignee_id is not None:
            query["assigneeId"] = assignee_id
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
            query.setdefault(
                "state", {"$in": _STATES}
            )  # so that the index of owners gives them in their order
        tasks = await self._tasks.find(query).sort("+dueAt", "+_id").limit(limit).to_list()
        return await self._views(tasks)

    async def due(
        self, before: Millis, owners: Owners | None, after: Keyset | None, limit: int
    ) -> list[DueTask]:
        """The next open tasks that are due by then, of leads of these owners or of all, the earliest first.

        Much cheaper than reading them whole.
        """
        query: Document = {"state": "open", "dueAt": {"$lte": to_bson(before)}}
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
        if after is not None:
            query = {"$and": [query, keyset.after("dueAt", after, descending=False)]}
        tasks = self._tasks.get_pymongo_collection().find(query, {"leadId": 1, "dueAt": 1})
        found = await tasks.sort([("dueAt", 1), ("_id", 1)]).limit(limit).to_list()
        return [DueTask(from_bson(task["dueAt"]), task["_id"], task["leadId"]) for task in found]

    async def get_many(self, task_ids: Collection[str]) -> dict[str, TaskView]:
        """These tasks by id, without those that there are not."""
        found = await self._tasks.find({"_id": {"$in": list(task_ids)}}).to_list()
        return {task.task_id: task for task in await self._views(found)}

    async def open_ids_of(self, assignee_id: str, limit: int) -> list[str]:
        """Some open tasks that this person is to do."""
        query = {"assigneeId": {"$eq": assignee_id}, "state": "open"}
        tasks = self._tasks.get_pymongo_collection().find(query, {"_id": 1}).sort([("dueAt", 1), ("_id", 1)])
        return [task["_id"] async for task in tasks.limit(limit)]

    async def reassign(self, task_ids: Sequence[str], from_id: str, to_id: str | None) -> int:
        """Give those of these open tasks that are still the one person's to the other one, or to nobody. Returns how many."""
        query = {"_id": {"$in": list(task_ids)}, "assigneeId": {"$eq": from_id}, "state": "open"}
        change = {"$set": {"assigneeId": to_id}} if to_id else {"$unset": {"assigneeId": ""}}
        done = await self._tasks.get_pymongo_collection().update_many(query, change)
        return done.modified_count

    async def get(self, task_id: str) -> TaskView:
        """The task. Raises `NotFound`."""
        task = await self._tasks.get(task_id)
        if task is None:
            raise NotFound("task", task_id)
        return await self._view(task)

    async def assign(self, task_id: str, assignee_id: str | None, session: Session) -> TaskView:
        """Give an open task to a person, or to nobody. Raises `NotFound`, `Conflict` for one that is done."""
        task = await self._open(task_id, session)
        await task.set({"assigneeId": assignee_id}, session=session)
        return await self._view(task)

    async def snooze(self, task_id: str, until: Millis, session: Session) -> TaskView:
        """Make an open task due at another time. Raises `NotFound`, `Conflict` for one that is done."""
        task = await self._open(task_id, session)
        await task.set({"dueAt": to_bson(until), "snoozedFrom": task.due_at}, session=session)
        return await self._view(task)

    async def unsnooze(self, task_id: str, session: Session) -> TaskView:
        """Make an open task due when it was before it was snoozed last. Raises `NotFound`, `Conflict` for another one."""
        task = await self._open(task_id, session)
        if task.snoozed_from is None:
            raise Conflict(f"Task '{task_id}' is not snoozed.")
        await task.set({"dueAt": task.snoozed_from, "snoozedFrom": None}, session=session)
        return await self._view(task)

    async def _open(self, task_id: str, session: Session) -> Task:
        task = await self._tasks.get(task_id, session=session)
        if task is None:
            raise NotFound("task", task_id)
        if task.state == "done":
            raise Conflict(f"Task '{task_id}' is done.")
        return task

    async def complete(
        self, task_id: str, outcome: str | None = None, session: Session | None = None
    ) -> tuple[TaskView, bool]:
        """Mark a task as done. Returns it, and whether it was open until now. Raises `NotFound`.

        Of a task that was done before, the outcome stays.
        """
        task = await self._tasks.get(task_id, session=session)
        if task is None:
            raise NotFound("task", task_id)
        was_open = task.state != "done"
        if was_open:
            await task.set({"state": "done", "outcome": outcome}, session=session)
        return await self._view(task), was_open

    async def reopen(self, task_id: str, session: Session) -> tuple[TaskView, bool]:
        """Make a task open again, without an outcome. Returns it, and whether it was done until now. Raises `NotFound`."""
        task = await self._tasks.get(task_id, session=session)
        if task is None:
            raise NotFound("task", task_id)
        was_done = task.state == "done"
        if was_done:
            await task.set({"state": "open", "outcome": None}, session=session)
        return await self._view(task), was_done

    async def _view(self, task: Task) -> TaskView:
        (view,) = await self._views([task])
        return view

    async def _views(self, tasks: Sequence[Task]) -> list[TaskView]:
        """The tasks with their titles opened; the title of an erased person reads `[erased]`."""
        sealed = {task.lead_id for task in tasks if is_sealed(task.title)}
        keys = await self._keys.of_streams(sealed) if sealed else LeadKeys(())
        return [_view(task, str(open_value("title", task.title, keys))) for task in tasks]


def _view(task: Task, title: str) -> TaskView:
    return TaskView(
        task_id=task.id,
        lead_id=task.lead_id,
        rule_id=task.rule_id,
        title=title,
        priority=task.priority,
        state=task.state,
        created_at=from_bson(task.created_at.replace(tzinfo=None)),
        due_at=from_bson(task.due_at.replace(tzinfo=None)),
        assignee_id=task.assignee_id,
        outcome=task.outcome,
        created_by=task.created_by,
    )

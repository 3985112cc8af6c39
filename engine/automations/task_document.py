"""The stored form of a task."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, IndexModel

from engine.store.collection import CollectionSpec, Distribution

__all__ = ["TASKS", "Task"]

TASKS = CollectionSpec(
    "tasks",
    Distribution.BY_LEAD,
    (
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("ownerId", ASCENDING), ("state", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("assigneeId", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
    ),
)


class Task(Document):
    """Something a rep is to do about a lead. Its id is that of the execution that made it, unless a person did.

    `ownerId` is a copy of the owner of the lead. `outcome` is a word that says how a done task ended, `snoozedFrom` when it was due before it was snoozed. Of a task by hand
    the title is encrypted with the key of the lead; `createdBy` is the person or key, `bodyHash` a keyed hash of what was asked for.
    """

    id: str  # type: ignore[assignment]
    lead_id: str = Field(alias="leadId")
    rule_id: str = Field(alias="ruleId")
    title: str
    priority: Literal["low", "normal", "high"]
    state: Literal["open", "done"] = "open"
    created_at: datetime = Field(alias="createdAt")
    due_at: datetime = Field(alias="dueAt")
    assignee_id: str | None = Field(None, alias="assigneeId")
    owner_id: str | None = Field(None, alias="ownerId")
    outcome: str | None = None
    snoozed_from: datetime | None = Field(None, alias="snoozedFrom")
    created_by: str | None = Field(None, alias="createdBy")
    body_hash: str | None = Field(None, alias="bodyHash")

    class Settings:
        name = TASKS.name
        keep_nulls: ClassVar[bool] = False

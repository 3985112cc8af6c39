"""Configuration and lists that people work with, as Beanie documents. Never on the way from event to score."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document, init_beanie
from pydantic import Field

from engine.store.mongo import Database
from engine.webhooks.endpoint_document import WebhookEndpoint

__all__ = ["PublishedRulebook", "Task", "bind_documents"]


class Task(Document):
    """Something a rep is to do about a lead. Its id is that of the execution that made it."""

    id: str  # type: ignore[assignment]
    lead_id: str = Field(alias="leadId")
    rule_id: str = Field(alias="ruleId")
    title: str
    priority: Literal["low", "normal", "high"]
    state: Literal["open", "done"] = "open"
    created_at: datetime = Field(alias="createdAt")
    due_at: datetime = Field(alias="dueAt")

    class Settings:
        name = "tasks"
        keep_nulls: ClassVar[bool] = False


class PublishedRulebook(Document):
    """A rulebook as it was first used; a name and version keeps its content for ever."""

    id: str  # type: ignore[assignment]
    name: str
    version: int
    content: dict[str, Any]

    class Settings:
        name = "rulebooks"


async def bind_documents(database: Database) -> None:
    """Point the documents at this database. Indexes are made by `create_collections`, once, not here."""
    models = [Task, PublishedRulebook, WebhookEndpoint]
    await init_beanie(database=database, document_models=models, skip_indexes=True)

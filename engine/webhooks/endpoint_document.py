"""The stored form of a webhook endpoint. Its secrets are stored in plain text, for signing needs them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from engine.store.collection import CollectionSpec, Distribution

__all__ = ["WEBHOOK_ENDPOINTS", "StoredSecret", "WebhookEndpoint"]

WEBHOOK_ENDPOINTS = CollectionSpec(
    "webhookEndpoints",
    Distribution.UNSHARDED,
    (IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),),
    free_of_personal_data="receivers, described by operators; no lead",
)


class StoredSecret(BaseModel):
    """One secret; only the newest of an endpoint does not expire."""

    value: str = Field(repr=False)
    expires_at: datetime | None = Field(None, alias="expiresAt")


class WebhookEndpoint(Document):
    """A receiver: its URL and the events that it subscribes to."""

    id: str  # type: ignore[assignment]
    url: str
    description: str
    event_types: list[str] = Field(alias="eventTypes")
    secrets: list[StoredSecret] = Field(repr=False)
    state: Literal["enabled", "disabled"] = "enabled"
    reason: str | None = None
    created_at: datetime = Field(alias="createdAt")

    class Settings:
        name = WEBHOOK_ENDPOINTS.name

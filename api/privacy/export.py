"""The form of an export, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from api.automations.views import ExecutionAnswer, TaskAnswer
from api.leads.views import EventAnswer, HistoryAnswer, LeadAnswer
from api.operations.audit import AuditAnswer
from api.operations.dead_letters import DeadLetterAnswer
from api.webhooks.views import DeliveryAnswer

__all__ = ["ExportAnswer"]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class KeyOfLead(_Answer, frozen=True):
    """The key that encrypts the lead's personal fields: its id and age. The key itself is never shown."""

    id: str
    created_at: datetime


class Discarded(_Answer, frozen=True):
    """Who discarded the event, when and why."""

    at: datetime
    by: str
    reason: str


class ExportedEvent(EventAnswer, frozen=True):
    """An event with its personal fields decrypted. An event that does not have this form is exported as it is stored."""

    discarded: Discarded | None = None


class ExportAnswer(_Answer, frozen=True):
    """Everything that is stored about a lead, newest first. `position` is that of the newest event in it.

    `lead` and `state` are null as long as no event has been applied; `state` is what the engine remembers
    between two events, its times in milliseconds. Without `personalDataKey`, no personal field can be read.
    """

    lead_id: str
    exported_at: datetime
    position: int
    personal_data_key: KeyOfLead | None
    lead: LeadAnswer | None
    state: dict[str, Any] | None
    events: list[ExportedEvent]
    history: list[HistoryAnswer]
    tasks: list[TaskAnswer]
    executions: list[ExecutionAnswer]
    deliveries: list[DeliveryAnswer]
    dead_letters: list[DeadLetterAnswer]
    audit_log: list[AuditAnswer]

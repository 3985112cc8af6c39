"""An export as one JSON document, written piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from api.automations.views import ExecutionAnswer, TaskAnswer, execution_answer, task_answer
from api.leads.views import (
    EventAnswer,
    HistoryAnswer,
    LeadAnswer,
    history_answer,
    lead_answer,
)
from api.operations.audit import AuditAnswer, audit_answer
from api.operations.dead_letters import DeadLetterAnswer, dead_letter_answer
from api.webhooks.views import DeliveryAnswer, delivery_answer
from domain.instant import to_datetime
from domain.leads.history_row import HistoryRow
from engine.automations.execution_store import Execution
from engine.automations.task_store import TaskView
from engine.operations.audit_log import AuditEntry
from engine.operations.dead_letters import DeadLetter
from engine.runtime import Runtime
from engine.store.mongo import Document
from engine.webhooks.delivery import Delivery
from workflows.privacy.export import Heading, Record, StoredEvent, sections

__all__ = ["ExportAnswer", "written"]

_PIECE_BYTES = 64 * 1024
_SHOWN = ("eventId", "leadId", "type", "occurredAt", "receivedAt", "source", "properties", "discarded")
"""What of a stored event says something about the lead."""


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class KeyOfLead(_Answer, frozen=True):
    """The key that the lead's personal fields are sealed with; what opens them is never shown."""

    id: str
    created_at: datetime


class Discarded(_Answer, frozen=True):
    """By whom the event was taken out of the count, when and why."""

    at: datetime
    by: str
    reason: str


class ExportedEvent(EventAnswer, frozen=True):
    """An event, its personal fields opened. What is not as this says was stored so, and is shown as it is."""

    discarded: Discarded | None = None


class _Head(_Answer, frozen=True):
    lead_id: str
    exported_at: datetime
    position: int
    personal_data_key: KeyOfLead | None
    lead: LeadAnswer | None
    state: dict[str, Any] | None


class ExportAnswer(_Head, frozen=True):
    """Everything that is held on a lead, newest first. `position` is that of its newest event in here.

    `lead` and `state` are null as long as nothing has been applied to it; `state` is what the engine remembers
    between two events, its times in milliseconds. Without `personalDataKey`, nothing that is personal can be read.
    """

    events: list[ExportedEvent]
    history: list[HistoryAnswer]
    tasks: list[TaskAnswer]
    executions: list[ExecutionAnswer]
    deliveries: list[DeliveryAnswer]
    dead_letters: list[DeadLetterAnswer]
    audit_log: list[AuditAnswer]


async def written(runtime: Runtime, heading: Heading) -> AsyncIterator[bytes]:
    """The document, which has the form of `ExportAnswer`, in pieces of about 64 KiB."""
    piece = bytearray(msgspec.json.encode(_head(heading)).removesuffix(b"}"))
    for section, records in sections(runtime, heading):
        piece += f',"{section}":['.encode()
        between = b""
        async for record in records:
            piece += between + msgspec.json.encode(_answer(record), enc_hook=str)
            between = b","
            if len(piece) >= _PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        piece += b"]"
    yield bytes(piece + b"}")


def _head(heading: Heading) -> _Head:
    key = heading.key
    return _Head(
        lead_id=heading.lead_id,
        exported_at=to_datetime(heading.at),
        position=heading.position,
        personal_data_key=KeyOfLead(id=key.key_id, created_at=to_datetime(key.created_at)) if key else None,
        lead=lead_answer(heading.lead) if heading.lead else None,
        state=heading.state if isinstance(heading.state, dict) else None,
    )


def _event(document: Document) -> dict[str, Any]:
    """An event in the form of `ExportedEvent`, made of what is stored, whether or not an event can be made of that."""
    shown = {name: _shown(document[name]) for name in _SHOWN if name in document}
    return {"position": document["_id"], **shown}


def _shown(value: object) -> object:
    """The value with moments in UTC, which MongoDB gives without a zone."""
    match value:
        case datetime():
            return value.replace(tzinfo=UTC)
        case dict():
            return {name: _shown(inner) for name, inner in value.items()}
    return value


def _answer(record: Record) -> Struct | dict[str, Any]:  # noqa: PLR0911 - one return a kind of record
    match record:
        case StoredEvent():
            return _event(record.document)
        case HistoryRow():
            return history_answer(record)
        case TaskView():
            return task_answer(record)
        case Execution():
            return execution_answer(record)
        case Delivery():
            return delivery_answer(record)
        case AuditEntry():
            return audit_answer(record)
        case DeadLetter():
            return dead_letter_answer(record)

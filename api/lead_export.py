"""An export as one JSON document, written piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from api.audit import AuditAnswer, audit_answer
from api.views import (
    EventAnswer,
    ExecutionAnswer,
    HistoryAnswer,
    LeadAnswer,
    TaskAnswer,
    execution_answer,
    history_answer,
    lead_answer,
    task_answer,
)
from api.webhook_views import DeliveryAnswer, delivery_answer
from domain.instant import to_datetime
from domain.lead import HistoryRow
from engine.audit_log import AuditEntry
from engine.dead_letters import DeadLetter
from engine.execution_store import Execution
from engine.mongo import Document
from engine.runtime import Runtime
from engine.task_store import TaskView
from engine.webhooks.delivery import Delivery
from workflows.export_lead import Heading, Record, StoredEvent, sections

__all__ = ["ExportAnswer", "written"]

_PIECE_BYTES = 64 * 1024
_LEFT_OUT = ("_id", "bodyHash", "schemaVersion")
"""What says nothing about the lead."""


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class KeyOfLead(_Answer, frozen=True):
    """The key that the lead's personal fields are sealed with; what opens them is never shown."""

    id: str
    created_at: datetime


class LetterAnswer(_Answer, frozen=True):
    """Why the lead's events could not be applied."""

    position: int
    event_id: str
    reason: str
    attempts: int
    state: str
    first_at: datetime
    last_at: datetime


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

    events: list[EventAnswer]
    history: list[HistoryAnswer]
    tasks: list[TaskAnswer]
    executions: list[ExecutionAnswer]
    deliveries: list[DeliveryAnswer]
    dead_letters: list[LetterAnswer]
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
    """An event as `EventAnswer` shows it, and whatever else is stored with it."""
    shown = {name: value for name, value in document.items() if name not in _LEFT_OUT}
    moments = {
        name: value.replace(tzinfo=UTC) for name, value in shown.items() if isinstance(value, datetime)
    }
    return {"position": document["_id"], **shown, **moments}


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
            return LetterAnswer(
                position=record.position,
                event_id=record.event_id,
                reason=record.reason,
                attempts=record.attempts,
                state=record.state,
                first_at=to_datetime(record.first_at),
                last_at=to_datetime(record.last_at),
            )

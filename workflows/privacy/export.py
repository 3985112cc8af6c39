"""Everything that is held on one lead, opened, a page at a time: however much it is, little of it is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Literal, NamedTuple

from msgspec import Struct, to_builtins

from domain.events.event import Json
from domain.instant import Millis
from domain.leads.history_row import HistoryRow
from engine.automations.execution_store import Execution
from engine.automations.task_store import TaskView
from engine.leads.lead_store import LeadSummary, UnreadableLead
from engine.operations.audit_log import AuditEntry
from engine.operations.dead_letters import DeadLetter
from engine.privacy.lead_key_store import KeyRecord
from engine.privacy.sealed_properties import open_value
from engine.runtime import Runtime
from engine.store.mongo import Document
from engine.webhooks.delivery import Delivery
from workflows.privacy.erase import require_lead

__all__ = ["Heading", "Record", "Section", "StoredEvent", "begin_export", "sections"]

Section = Literal["events", "history", "tasks", "executions", "deliveries", "deadLetters", "auditLog"]


class StoredEvent(NamedTuple):
    """The document of an event with its properties opened, whether or not this program can make an event of it."""

    document: Document


Record = StoredEvent | HistoryRow | TaskView | Execution | Delivery | DeadLetter | AuditEntry

_PAGE = 200


class Heading(Struct, frozen=True, kw_only=True):
    """What stands before the records: the lead in short, its folded state as it is stored, and since when it has a key.

    Events after `position` are not in the export: they came while it was made.
    """

    lead_id: str
    at: Millis
    position: int
    lead: LeadSummary | None
    state: Json
    key: KeyRecord | None


async def begin_export(runtime: Runtime, lead_id: str) -> Heading:
    """The heading. Raises `NotFound` for a lead of which nothing is stored."""
    position = await require_lead(runtime, lead_id)
    return Heading(
        lead_id=lead_id,
        at=runtime.now(),
        position=position,
        lead=await runtime.leads.states.summary(lead_id),
        state=await _state(runtime, lead_id),
        key=await runtime.privacy.keys.record(lead_id),
    )


def sections(runtime: Runtime, heading: Heading) -> Iterator[tuple[Section, AsyncIterator[Record]]]:
    """Every section with its records: tasks by due time, all others newest first."""
    yield "events", _events(runtime, heading)
    yield "history", _history(runtime, heading)
    yield "tasks", _tasks(runtime, heading.lead_id)
    yield "executions", _executions(runtime, heading.lead_id)
    yield "deliveries", _deliveries(runtime, heading.lead_id)
    yield "deadLetters", _dead_letters(runtime, heading.lead_id)
    yield "auditLog", _audit_log(runtime, heading.lead_id)


async def _events(runtime: Runtime, heading: Heading) -> AsyncIterator[StoredEvent]:
    before = heading.position + 1
    while page := await runtime.capture.events.stored_of_lead(heading.lead_id, before, _PAGE):
        key = await runtime.privacy.keys.find(heading.lead_id)
        for document in page:
            properties = open_value("properties", document.get("properties"), key)
            yield StoredEvent({**document, "properties": properties})
        before = page[-1]["_id"]


async def _history(runtime: Runtime, heading: Heading) -> AsyncIterator[HistoryRow]:
    before = heading.position + 1
    while page := await runtime.leads.history.page_of_lead(heading.lead_id, before, _PAGE):
        for row in page:
            yield row
        before = page[-1].position


async def _tasks(runtime: Runtime, lead_id: str) -> AsyncIterator[TaskView]:
    after = None
    while page := await runtime.automations.tasks.page(state=None, lead_id=lead_id, after=after, limit=_PAGE):
        for task in page:
            yield task
        after = (page[-1].due_at, page[-1].task_id)


async def _executions(runtime: Runtime, lead_id: str) -> AsyncIterator[Execution]:
    after = None
    while page := await runtime.automations.executions.page(
        lead_id=lead_id, rule_id=None, state=None, after=after, limit=_PAGE
    ):
        for execution in page:
            yield execution
        after = (page[-1].created_at, page[-1].execution_id)


async def _deliveries(runtime: Runtime, lead_id: str) -> AsyncIterator[Delivery]:
    after = None
    while page := await runtime.webhooks.deliveries.about_lead(lead_id, after=after, limit=_PAGE):
        for delivery in page:
            yield delivery
        after = (page[-1].created_at, page[-1].delivery_id)


async def _dead_letters(runtime: Runtime, lead_id: str) -> AsyncIterator[DeadLetter]:
    letter = await runtime.operations.dead_letters.of_lead(lead_id)
    if letter is not None:
        yield letter


async def _audit_log(runtime: Runtime, lead_id: str) -> AsyncIterator[AuditEntry]:
    after = None
    while page := await runtime.operations.audit.page(lead_id, after, _PAGE):
        for entry in page:
            yield entry
        after = (page[-1].at, page[-1].entry_id)


async def _state(runtime: Runtime, lead_id: str) -> Json:
    """What is remembered of the lead between two events; null when nothing is, or when it cannot be read."""
    try:
        state = await runtime.leads.states.get(lead_id)
    except UnreadableLead:
        return None
    if state is None:
        return None
    plain: Json = to_builtins(state)
    return open_value("", plain, await runtime.privacy.keys.find(lead_id))

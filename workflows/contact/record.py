"""Records of calls and notes: events in the stream of the lead, with their author, stored once per id."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal, get_args

from domain.errors import Fault, Invalid, NotFound
from domain.events.vocabulary import CALL_ATTEMPTED, CALL_LOGGED, NOTE_ADDED
from engine.access.principal import Principal
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest

__all__ = ["CallOutcome", "add_note", "event_id_of", "log_call"]

Reached = Literal["connected", "meeting-booked", "callback", "not-interested"]
NotReached = Literal["no-answer", "voicemail", "busy", "wrong-number"]
CallOutcome = Reached | NotReached
"""How a call ended: with the first four the lead was spoken with, with the others it was not."""

_SOURCE = "people"
_POINTERS = {"/properties/note": "/note", "/eventId": "/eventId", "/occurredAt": "/occurredAt"}


async def log_call(  # noqa: PLR0917 - the parts of a record
    runtime: Runtime,
    author: Principal,
    lead_id: str,
    outcome: CallOutcome,
    minutes: float | None,
    note: str,
    event_id: str | None,
    occurred_at: datetime | None,
) -> Appended:
    """Append `call.logged`, or `call.attempted` if the lead was not reached. Raises `NotFound`, `Invalid`.

    Two types, because only one of them is a sign of life of the lead, and an answer to what it wrote.
    """
    kind = CALL_LOGGED if outcome in get_args(Reached) else CALL_ATTEMPTED
    properties: dict[str, Any] = {"outcome": outcome}
    if minutes is not None:
        properties["minutes"] = minutes
    if note:
        properties["note"] = note
    return await _append(runtime, author, lead_id, kind, properties, event_id, occurred_at)


async def add_note(
    runtime: Runtime, author: Principal, lead_id: str, note: str, event_id: str | None
) -> Appended:
    """Append `note.added`, whose text is encrypted. Raises `NotFound`, `Invalid`."""
    return await _append(runtime, author, lead_id, NOTE_ADDED, {"note": note}, event_id, None)


def event_id_of(author: Principal, lead_id: str, key: str) -> str:
    """The id of the event that this author records of the lead under an idempotency key."""
    text = f"{author.kind}\x1f{author.id}\x1f{lead_id}\x1f{key}"
    return f"recorded:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


async def _append(  # noqa: PLR0917 - the parts of an event
    runtime: Runtime,
    author: Principal,
    lead_id: str,
    kind: str,
    properties: dict[str, Any],
    event_id: str | None,
    occurred_at: datetime | None,
) -> Appended:
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    sent = {
        "leadId": lead_id,
        "type": kind,
        "source": _SOURCE,
        "properties": {**properties, "author": author.id},
    }
    if event_id is not None:
        sent["eventId"] = event_id
    if occurred_at is not None:
        sent["occurredAt"] = occurred_at.isoformat()
    try:
        event = check_event(sent)
    except Invalid as error:
        faults = (Fault(_POINTERS.get(one.pointer, one.pointer), one.detail) for one in error.faults)
        raise Invalid("Nothing was recorded.", tuple(faults)) from None
    runtime.capture.appender.require_room()
    (appended,) = await ingest(runtime, [event])
    return appended

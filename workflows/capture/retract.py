"""Retraction of an event that should not count, such as the click of a bot: an event in the stream of its lead."""

from __future__ import annotations

import hashlib

from domain.errors import Conflict
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import EVENT_RETRACTED, MEMBERSHIP
from engine.capture.deduplication import Appended
from engine.capture.retractions import mark_of
from engine.operations.audit_log import Actor
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed

__all__ = ["retract_event"]


async def retract_event(runtime: Runtime, by: Actor, lead_id: str, event_id: str, why: str) -> Appended:
    """Append `event.retracted`: once the lead has applied it, nothing of the event counts. Returns its id and position.

    To retract a retraction makes the event count again. Repeating a call that has not been applied yet is safe.
    Raises `NotFound` for an event that the lead does not have, and `Conflict` for one that does not count already.
    """
    stored = await runtime.capture.discards.stored(lead_id, event_id)
    if stored.type in MEMBERSHIP:
        raise Conflict("A merge is not retracted: undo it with POST /api/leads/{leadId}/unmerge.")
    mark = mark_of(stored)
    if "discarded" in stored.raw:
        raise Conflict(f"Event '{event_id}' is discarded for good.")
    if mark.retracted_by:
        raise Conflict(f"Event '{event_id}' is retracted already.")
    at = runtime.now()
    event = NewEvent(
        event_id=_retraction_id(event_id, len(mark.changes)),
        lead_id=stored.stream_id,  # a retraction stays with its event whatever is merged
        type=EVENT_RETRACTED,
        occurred_at=at,
        received_at=at,
        body_hash="",  # one per id, whoever asks for it
        source=ENGINE_SOURCE,
        properties={"eventId": event_id, "position": stored.position, "why": why, "by": by.id or by.name},
    )
    (appended,) = await append_sealed(runtime, [event])
    return appended


def _retraction_id(event_id: str, times: int) -> str:
    """The same id until the status of the event changes, so that a repeated call retracts once."""
    digest = hashlib.blake2b(event_id.encode(), digest_size=16).hexdigest()
    return f"retract:{times}:{digest}"

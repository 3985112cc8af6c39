"""Retraction of an event that should not count, such as the click of a bot: an event in the stream of its lead."""

from __future__ import annotations

import hashlib

from domain.errors import Conflict, NotFound
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import EVENT_RETRACTED, MEMBERSHIP
from domain.instant import Millis
from domain.outreach.withhold import REPLIES
from domain.replies.reply_event import AUTO_REPLIED, reading_id
from engine.capture.deduplication import Appended
from engine.capture.retractions import mark_of, retraction_in
from engine.capture.stored_event import StoredEvent
from engine.operations.audit_log import Actor
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed

__all__ = ["retract_event"]


async def retract_event(runtime: Runtime, by: Actor, lead_id: str, event_id: str, why: str) -> Appended:
    """Append `event.retracted`: once the lead has applied it, nothing of the event counts. Returns its id and position.

    The reading of a reply goes with the reply. To retract a retraction makes the event count again. Repeating a call that has not been applied yet is safe.
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
    retracted, at = [stored], runtime.now()
    if (follower := await _follower(runtime, lead_id, stored)) is not None:
        retracted.append(follower)
    events = [_retraction(one, by, why, at) for one in retracted]
    if follower is not None:
        events[0].properties[_ALONGSIDE] = events[1].event_id
    appended, *_ = await append_sealed(runtime, events)
    return appended


def _retraction(stored: StoredEvent, by: Actor, why: str, at: Millis) -> NewEvent:
    event_id = stored.event_id
    return NewEvent(
        event_id=_retraction_id(event_id, len(mark_of(stored).changes)),
        lead_id=stored.stream_id,  # a retraction stays with its event whatever is merged
        type=EVENT_RETRACTED,
        occurred_at=at,
        received_at=at,
        body_hash="",  # one per id, whoever asks for it
        source=ENGINE_SOURCE,
        properties={"eventId": event_id, "position": stored.position, "why": why, "by": by.id or by.name},
    )


async def _follower(runtime: Runtime, lead_id: str, stored: StoredEvent) -> StoredEvent | None:
    """What goes with the event: the reading of a reply, or the retraction that was made with this one; if it counts."""
    if stored.type in _READ:
        event_id = reading_id(stored.stream_id, stored.event_id)
    elif (retraction := retraction_in(stored)) is not None:
        event_id = retraction.raw["properties"].get(_ALONGSIDE)
    else:
        return None
    try:
        found = await runtime.capture.discards.stored(lead_id, event_id)
    except NotFound:
        return None
    return None if "discarded" in found.raw or mark_of(found).retracted_by else found


def _retraction_id(event_id: str, times: int) -> str:
    """The same id until the status of the event changes, so that a repeated call retracts once."""
    digest = hashlib.blake2b(event_id.encode(), digest_size=16).hexdigest()
    return f"retract:{times}:{digest}"


_READ = REPLIES | {AUTO_REPLIED}
_ALONGSIDE = "alongside"
"""The property of a retraction that names the one of the reading of the same reply."""

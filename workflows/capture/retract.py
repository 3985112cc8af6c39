"""Retraction of an event that should not count, such as the click of a bot: an event in the stream of its lead."""

from __future__ import annotations

import hashlib

from domain.errors import Conflict, NotFound
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import EVENT_RETRACTED, MEMBERSHIP, REPLY_JUDGED
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

    The reading of a reply, and what a person has judged of it, go with the reply. To retract a retraction makes the event count again. Repeating a call that has not been applied yet is safe.
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
    retracted += await _followers(runtime, lead_id, stored)
    events = [_retraction(one, by, why, at) for one in retracted]
    if followers := [one.event_id for one in events[1:]]:
        events[0].properties[_ALONGSIDE] = list(followers)
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


async def _followers(runtime: Runtime, lead_id: str, stored: StoredEvent) -> list[StoredEvent]:
    """What goes with the event, as far as it counts: what a reply was read and judged to mean, or the retractions made with this one."""
    found = []
    for event_id in await _ids_of_followers(runtime, stored):
        try:
            one = await runtime.capture.discards.stored(lead_id, event_id)
        except NotFound:
            continue
        if "discarded" not in one.raw and not mark_of(one).retracted_by:
            found.append(one)
    return found


async def _ids_of_followers(runtime: Runtime, stored: StoredEvent) -> list[str]:
    if stored.type in _READ:
        judged = await runtime.capture.events.of_lead(stored.stream_id, types={REPLY_JUDGED})
        about = [one.event_id for one in judged if one.properties.get("replyId") == stored.event_id]
        return [reading_id(stored.stream_id, stored.event_id), *about]
    if (retraction := retraction_in(stored)) is not None:
        named = retraction.raw["properties"].get(_ALONGSIDE, [])
        return [named] if isinstance(named, str) else named  # one id up to 0.6.0
    return []


def _retraction_id(event_id: str, times: int) -> str:
    """The same id until the status of the event changes, so that a repeated call retracts once."""
    digest = hashlib.blake2b(event_id.encode(), digest_size=16).hexdigest()
    return f"retract:{times}:{digest}"


_READ = REPLIES | {AUTO_REPLIED}
_ALONGSIDE = "alongside"
"""The property of a retraction that names those of the reading and the judgements of the same reply."""

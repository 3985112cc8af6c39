"""A catch-up subscription that classifies replies: it reads the log after its checkpoint, from the first event on.

Each reply gets one event `reply.classified` in its stream, under an id made of that of the reply, so that a pass that
was cut off is repeated without harm. Replies of machines are classified too, for the day of a return (ADR 72).
"""

from __future__ import annotations

import asyncio
import logging

from domain.errors import LeadEngineError, Unavailable
from domain.events.event import Event
from domain.outreach.withhold import REPLIES
from domain.replies.reply_event import AUTO_REPLIED
from engine.capture.lenient import decode_lenient
from engine.runtime import Runtime
from workflows.privacy.encrypt import opened
from workflows.replies.classify import classify_reply

__all__ = ["CLASSIFIED", "classify_replies"]

_log = logging.getLogger(__name__)

CLASSIFIED = "replies:1"
"""The checkpoint. Its number changes when all replies are to be classified again."""

_TYPES = REPLIES | {AUTO_REPLIED}


async def classify_replies(runtime: Runtime) -> int:
    """Classify all replies up to the newest event. Returns how many; idempotent.

    Run it under a lease: two at once do everything twice. Raises `Unavailable` when the store cannot be used now.
    """
    position = await runtime.store.checkpoints.position(CLASSIFIED)
    last = await runtime.capture.events.last_position()
    classified = 0
    while position < last:
        part = await runtime.capture.by_type.after(position, last, _TYPES)
        for stored in part.events:
            event = decode_lenient(stored)
            if event.type in _TYPES:
                classified += await _classified(runtime, event)
            await runtime.store.checkpoints.advance(CLASSIFIED, stored.position)
        position = part.position
        await runtime.store.checkpoints.advance(CLASSIFIED, position)
        await asyncio.sleep(0)
    return classified


async def _classified(runtime: Runtime, event: Event) -> bool:
    """Whether the event has a text that could be classified. One that cannot be is logged and does not hold up others."""
    (plain,) = await opened(runtime, [event])
    try:
        return await classify_reply(runtime, plain)
    except Unavailable:
        raise
    except LeadEngineError:
        _log.exception("The reply %s of lead %s was not classified.", event.event_id, event.lead_id)
        return False

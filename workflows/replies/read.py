"""Replies as a kind of due work: an attempt reads one and appends what it means, under an id made of the reply's.

A reply whose text brings down whatever reads it is tried again, then dead with the reason, and holds up no other.
"""

from __future__ import annotations

import logging
from functools import partial

from domain.errors import Unavailable
from domain.instant import HOUR, MINUTE, SECOND
from engine.capture.lenient import decode_lenient
from engine.replies.reading_store import REPLY, ReplyReading
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.privacy.encrypt import opened
from workflows.replies.classify import classify_reply
from workflows.replies.read_types import READ_TYPES

__all__ = ["read_reply", "reply_kind"]

_log = logging.getLogger(__name__)

_POLICY = Policy(attempts=10, backoff=exponential(10 * SECOND, HOUR), lease=5 * MINUTE, concurrency=8)
"""A model may be asked for a minute, several times."""


def reply_kind(runtime: Runtime) -> WorkKind[ReplyReading]:
    """The kind, with its policy."""
    return WorkKind(REPLY, runtime.replies.readings, _POLICY, partial(read_reply, runtime))


async def read_reply(runtime: Runtime, reading: ReplyReading) -> Outcome:
    """Read the reply and append what it means. Repeating it appends nothing further."""
    stored = (await runtime.capture.log.at_positions([reading.position])).get(reading.position)
    event = None if stored is None else decode_lenient(stored)
    if event is None or event.type not in READ_TYPES:
        return Outcome(verdict="done", detail="the reply does not count any more")
    (plain,) = await opened(runtime, [event])
    try:
        is_read = await classify_reply(runtime, plain)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - a failed attempt; what it says may quote the reply
        _log.exception("The reply %s was not classified.", event.event_id)
        return Outcome(verdict="failed", detail=f"it cannot be read: {type(error).__name__}")
    return Outcome(verdict="done", detail="" if is_read else "it has no text")

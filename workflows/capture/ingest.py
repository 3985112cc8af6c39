"""Takes events in: they are durable, or known to be repeats, before this returns."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

from engine.capture.appender import Appended
from engine.runtime import Runtime
from workflows.capture.encrypt import begin_to_append_sealed
from workflows.capture.event_input import EventInput, to_new_event

__all__ = ["begin_to_ingest", "ingest"]


async def ingest(runtime: Runtime, events: Sequence[EventInput]) -> list[Appended]:
    """Store the events, all or none. One result each: accepted, duplicate, or conflict with another of that id.

    Personal fields are sealed here: nothing after this sees them open.
    Raises `Unavailable` when the store cannot take them now; repeating the same ids is safe.
    """
    return await begin_to_ingest(runtime, events)


def begin_to_ingest(runtime: Runtime, events: Sequence[EventInput]) -> asyncio.Future[list[Appended]]:
    """`ingest` for a caller that wants no task of its own: it raises, or what it returns raises."""
    received_at = runtime.now()
    made = [to_new_event(event, event.event_id or uuid.uuid4().hex, received_at) for event in events]
    return begin_to_append_sealed(runtime, made)

"""A catch-up subscription that finds replies: it reads the log after its checkpoint, from the first event on.

Each reply becomes due work under an id made of that of the reply, so that a pass that was cut off is repeated without
harm (ADR 72).
"""

from __future__ import annotations

import asyncio
from functools import partial

from engine.capture.lenient import decode_lenient
from engine.capture.log.subscription import Subscription
from engine.replies.reading_store import REPLY
from engine.runtime import Runtime
from workflows.replies.read_types import READ_TYPES

__all__ = ["REPLIES_FOUND", "enqueue_replies"]

REPLIES_FOUND = "replies:1"
"""The checkpoint. Its number changes when all replies are to be read again."""


async def enqueue_replies(runtime: Runtime) -> int:
    """Make due work of all replies up to the newest event. Returns how many are new; idempotent.

    Raises `Unavailable` when the store cannot be used now.
    """
    subscription = Subscription(runtime.capture.log)
    read = partial(runtime.capture.by_type.after, types=READ_TYPES)
    begin = await runtime.store.checkpoints.cursor(REPLIES_FOUND, runtime.capture.log.partitions)
    found = 0
    async for events, cursor in subscription.slices(begin, read, up_to=await subscription.end()):
        replies = [one for one in events if decode_lenient(one).type in READ_TYPES]
        new = await runtime.replies.readings.add(replies, runtime.now())
        await runtime.store.checkpoints.advance(REPLIES_FOUND, cursor)
        if new:
            await runtime.work.wake_ups.announce(REPLY)
        found += new
        await asyncio.sleep(0)
    return found

"""Reading the event log in commit order from a position on, for people and programs that follow it."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from domain.events.log_cursor import LogCursor
from engine.capture.lenient import decode_lenient
from engine.capture.log.subscription import Subscription
from engine.runtime import Runtime

__all__ = ["LogPart", "follow_log"]


class LogPart(Struct, frozen=True):
    """Events, those of a partition in commit order, the place behind the last of them, and whether there are more."""

    events: tuple[Event, ...]
    token: int | str
    more: bool


async def follow_log(runtime: Runtime, after: int | str | None, limit: int) -> LogPart:
    """The next `limit` events after a place; without one the newest. Positions have no gap, so none is missed.

    A place beyond the log, as of a store that was restored since, counts as none. Raises `Invalid` for one of another log.
    """
    log, subscription = runtime.capture.log, Subscription(runtime.capture.log)
    end = await log.end()
    start = None if after is None else LogCursor.parse(after, log.partitions)
    if start is None or end.events_until(start):
        start = end.back(limit)
    found, cursor = await subscription.events_after(start, limit)
    return LogPart(
        tuple(decode_lenient(one) for one in found), cursor.token, more=cursor.events_until(end) > 0
    )

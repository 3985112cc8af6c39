"""Reading the event log in commit order from a position on, for people and programs that follow it."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from engine.capture.lenient import decode_lenient
from engine.runtime import Runtime

__all__ = ["LogPart", "follow_log"]


class LogPart(Struct, frozen=True):
    """Events in commit order, the position behind the last of them, and whether there are more."""

    events: tuple[Event, ...]
    position: int
    more: bool


async def follow_log(runtime: Runtime, after: int | None, limit: int) -> LogPart:
    """The next `limit` events after a position; without one the newest. Positions have no gap, so none is missed.

    A position beyond the log, as of a store that was restored since, counts as none.
    """
    newest = await runtime.capture.log.last_position()
    start = max(newest - limit, 0) if after is None or after > newest else after
    found = await runtime.capture.log.in_order(start, limit)
    position = found[-1].position if found else start
    return LogPart(tuple(decode_lenient(one) for one in found), position, position < newest)

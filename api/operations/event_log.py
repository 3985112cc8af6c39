"""GET /api/event-log: the log in commit order, to be followed without a gap."""

from __future__ import annotations

from datetime import datetime

from litestar import get

from api.http.pages import Cursor, Limit, Position, decode_cursor, encode_cursor
from api.http.parameters import RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.events.event import Event
from domain.instant import to_datetime
from workflows.operations.follow_log import follow_log

__all__ = ["list_events"]

_OF = "the event log"


class LogEventView(View, frozen=True):
    """An event of the log without its properties, which may be personal: those are in the events of its lead."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    source: str


class LogView(View, frozen=True):
    """Part of the log, the oldest event first. `cursor` is behind its last event; `more` have been appended since."""

    items: list[LogEventView]
    cursor: str
    more: bool


@get(
    "/api/event-log",
    summary="The newest events, or those after a cursor",
    description="Call it again with the `cursor` of the response for what was appended since: no event is left out, none comes "
    "twice. The stream says when there is something new. An event that cannot be decoded appears as `event.unreadable`.",
    tags=["Events"],
    responses=problems(400, 503),
)
async def list_events(runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None) -> LogView:
    """Events in commit order. Without a cursor the newest `limit`."""
    after = decode_cursor(cursor, _OF, tuple[Position | str])
    found = await follow_log(runtime, after[0] if after else None, limit)
    return LogView(
        items=[_log_event_view(event) for event in found.events],
        cursor=encode_cursor(_OF, (found.token,)),
        more=found.more,
    )


def _log_event_view(event: Event) -> LogEventView:
    return LogEventView(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=to_datetime(event.occurred_at),
        received_at=to_datetime(event.received_at),
        source=event.source,
    )

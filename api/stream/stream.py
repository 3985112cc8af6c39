"""GET /api/stream: server-sent events that say which leads have changed, resumable without a gap."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import Annotated

from litestar import get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.types import ASGIApp

from api.access.authenticator import AuthContext
from api.http.parameters import HttpRequest, invalid_parameter
from api.http.problems import problems
from api.stream.event_stream import EventStream
from domain.errors import Invalid
from domain.events.log_cursor import LogCursor
from engine.access.principal import Principal
from workflows.access.visible_leads import visible_to

__all__ = ["get_stream"]

_DESCRIPTION = """A stream of server-sent events that stays open. Each event is a hint to read something again:

- `hello {"position", "build"}`: the first one. Everything up to `position` can be read.
- `leads {"<leadId>": position, ...}`: these leads have changed; each has applied its events up to that position.
- `hb {}`: every 15 seconds. Without any event for 40 seconds, connect again.
- `reset {}`: too much has changed to list it. Read again what is shown.
- `bye {"why"}`: the last one: `stopping`, `revoked` or `renew`.

After a cut, send the `id` of the last event as `Last-Event-ID`, as browsers do by themselves, or as `?after=`: a change
may be named twice, none is missed. An `id` is an opaque string. Browsers do not connect again after an error status: make
a new `EventSource` with `?after=`."""

_BUILD = version("lead-engine")
_MAX_ID = 2_400
"""Characters of an id in a log of 256 partitions, all of which are full."""


@get(
    "/api/stream",
    summary="Live changes of leads",
    description=_DESCRIPTION,
    tags=["Stream"],
    responses={
        200: ResponseSpec(
            str,
            description="Open until either side ends it",
            media_type="text/event-stream",
            generate_examples=False,
        ),
        **problems(400, 503),
    },
)
async def get_stream(
    request: HttpRequest,
    state: State,
    after: Annotated[
        str | None,
        QueryParameter(
            max_length=_MAX_ID, description="The id of the last event that was seen. `Last-Event-ID` wins."
        ),
    ] = None,
) -> ASGIApp:
    """A response that goes on until the client leaves."""
    given = request.headers.get("last-event-id") or after
    auth: AuthContext = state.auth
    caller: Principal = request.auth
    return EventStream(
        state.stream_hub,
        state.shared_frames,
        after=None if not given else _place(given, state.runtime.capture.log.partitions),
        build=_BUILD,
        counted=state.open_streams.opened(caller),
        may_read=lambda: auth.still_has_rights(caller),
        visible=partial(visible_to, state.runtime, caller),
    )


def _place(given: str, partitions: int) -> LogCursor:
    try:
        return LogCursor.parse(given, partitions)
    except Invalid as error:
        raise invalid_parameter("after", "this is not the id of an event of the stream") from error

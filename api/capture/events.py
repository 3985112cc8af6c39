"""POST /api/events: stores one event or many."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import Struct

from api.capture.openapi import EVENTS_BODY
from api.capture.route import IngestResponse
from api.http.bodies import MAX_BODY_BYTES, require_json
from api.http.openapi import operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from domain.errors import Conflict
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.decode import decode_events
from workflows.capture.ingest import ingest

__all__ = ["IngestView", "accept_events", "post_events"]


class IngestView(Struct, frozen=True):
    """The outcome of each event; all of them are durable."""

    accepted: int
    duplicates: int
    conflicts: int
    results: list[Appended]


_EXAMPLE = IngestView(
    accepted=1,
    duplicates=1,
    conflicts=0,
    results=[Appended("evt-1", "lead-1", "duplicate", 41), Appended("evt-2", "lead-1", "accepted", 42)],
)
_STORED = ResponseSpec(
    IngestView,
    description="Stored",
    generate_examples=False,
    examples=[Example(value=msgspec.to_builtins(_EXAMPLE))],
)


async def accept_events(runtime: Runtime, body: bytes | bytearray) -> IngestResponse:
    """Store one event or many (an `IngestRoute`).

    Raises `Invalid` with every fault, `Conflict` for a single event whose id is stored with other content, and
    `Unavailable`.
    """
    runtime.capture.appender.require_room()
    events, single = decode_events(body)
    results = await ingest(runtime, events)
    if single and results[0].status == "conflict":
        event_id = results[0].event_id
        raise Conflict(f"Event '{event_id}' is stored already with other content; nothing was changed.")
    return IngestResponse(HTTPStatus.ACCEPTED, msgspec.json.encode(_view(results)))


def _view(results: Sequence[Appended]) -> IngestView:
    statuses = [result.status for result in results]
    return IngestView(
        accepted=statuses.count("accepted"),
        duplicates=statuses.count("duplicate"),
        conflicts=statuses.count("conflict"),
        results=list(results),
    )


@post(
    "/api/events",
    summary="Take events in",
    description="Answers when every event is durable. Sending the same event ids again is always safe.",
    tags=["Events"],
    status_code=HTTPStatus.ACCEPTED,
    request_max_body_size=MAX_BODY_BYTES,
    operation_class=operation_with_body(EVENTS_BODY),
    responses={202: _STORED, **problems(400, 409, 413, 415, 503)},
)
async def post_events(request: HttpRequest, runtime: RuntimeDep) -> Response[bytes]:
    """Requests that the capture application does not serve."""
    require_json(request)
    response = await accept_events(runtime, await request.body())
    return Response(response.body, status_code=response.status, media_type="application/json")

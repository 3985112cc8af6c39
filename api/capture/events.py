"""POST /api/events: where a click enters the engine."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import Struct

from api.capture.openapi import EventsOperation
from api.http.bodies import require_json
from api.http.parameters import Engine, HttpRequest
from api.http.problems import problems
from domain.errors import Conflict
from engine.capture.appender import Appended
from engine.runtime import Runtime
from workflows.capture.event_input import decode_events
from workflows.capture.ingest import begin_to_ingest

__all__ = ["MAX_BYTES", "IngestAnswer", "answer_to", "begin_to_take_in", "post_events"]

MAX_BYTES = 1024 * 1024


class IngestAnswer(Struct, frozen=True):
    """What became of the events; all of them are durable."""

    accepted: int
    duplicates: int
    conflicts: int
    results: list[Appended]


_EXAMPLE = IngestAnswer(
    accepted=1,
    duplicates=1,
    conflicts=0,
    results=[Appended("evt-1", "lead-1", "duplicate", 41), Appended("evt-2", "lead-1", "accepted", 42)],
)
_STORED = ResponseSpec(
    IngestAnswer,
    description="Stored",
    generate_examples=False,
    examples=[Example(value=msgspec.to_builtins(_EXAMPLE))],
)


def begin_to_take_in(
    runtime: Runtime, body: bytes | bytearray
) -> tuple[asyncio.Future[list[Appended]], bool]:
    """Begin to take in one event or many: what becomes of them, and whether it is a single one.

    Raises `Invalid` with every fault, and `Unavailable`, which the future may hold too.
    """
    runtime.capture.appender.require_room()
    events, single = decode_events(body)
    return begin_to_ingest(runtime, events), single


def answer_to(results: list[Appended], *, single: bool) -> bytes:
    """The answer. A single event that contradicts a stored one of the same id is refused: raises `Conflict`."""
    if single and results[0].status == "conflict":
        raise Conflict(
            f"Event '{results[0].event_id}' is stored already with other content; nothing was changed."
        )
    statuses = [result.status for result in results]
    answer = IngestAnswer(
        statuses.count("accepted"), statuses.count("duplicate"), statuses.count("conflict"), results
    )
    return msgspec.json.encode(answer)


@post(
    "/api/events",
    summary="Take events in",
    description="Answers when every event is durable. Sending the same event ids again is always safe.",
    tags=["Events"],
    status_code=HTTPStatus.ACCEPTED,
    request_max_body_size=MAX_BYTES,
    operation_class=EventsOperation,
    responses={202: _STORED, **problems(400, 409, 413, 415, 503)},
)
async def post_events(request: HttpRequest, runtime: Engine) -> Response[bytes]:
    """What does not go by the express lane."""
    require_json(request)
    stored, single = begin_to_take_in(runtime, await request.body())
    answer = answer_to(await stored, single=single)
    return Response(answer, status_code=HTTPStatus.ACCEPTED, media_type="application/json")

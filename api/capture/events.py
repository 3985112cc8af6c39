"""POST /api/events: stores one event or many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from http import HTTPStatus
from typing import Annotated, Literal, TypeVar

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec import UNSET, Struct, UnsetType

from api.capture.content import LENIENT, plain_body, prefers_lenient, require_events, sent_time
from api.capture.openapi import EVENTS_BODY
from api.capture.route import IngestResponse
from api.http.bodies import MAX_BODY_BYTES
from api.http.openapi import operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import PointedFault, problems
from domain.errors import Blocked, Conflict, Invalid
from domain.instant import Millis
from engine.access.principal import Principal
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.decode import decode_events
from workflows.capture.decode_each import InvalidEvent, decode_each
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.page_events import PageResult, checked_for_page, ingest_from_page, require_for_page

__all__ = ["IngestView", "accept_events", "post_events", "require_stored"]


class EventProblem(Struct, frozen=True):
    """Why an event was refused."""

    code: str
    detail: str
    errors: tuple[PointedFault, ...]


class RefusedEvent(Struct, frozen=True, rename="camel"):
    """An event that was not stored, with `handling=lenient`: what is wrong with it, by pointers into the body."""

    event_id: str | None
    lead_id: str | None
    problem: EventProblem
    status: Literal["refused"] = "refused"


class EventResultView(Struct, frozen=True, rename="camel"):
    """The outcome of one event: its position, or with `handling=lenient` the problem for which it was refused."""

    event_id: str | None
    lead_id: str | None
    status: Literal["accepted", "duplicate", "conflict", "refused", "blocked"]
    """For the key of a web page `conflict` and `blocked` are a `duplicate` too, and there is no position."""
    position: int | UnsetType = UNSET
    clamped: bool | UnsetType = UNSET
    """True if its time was moved: to its receipt if it was later, or to 7 days ago for an older event of a web page."""
    clock_ahead_ms: int | UnsetType = UNSET
    """By how many milliseconds the sender's clock was ahead (negative: behind); its time was corrected by that first."""
    problem: EventProblem | UnsetType = UNSET


class IngestView(Struct, frozen=True):
    """The outcome of each event; all of them are durable, but for those that were refused."""

    accepted: int
    duplicates: int
    conflicts: int
    results: list[EventResultView]
    refused: int | UnsetType = UNSET
    blocked: int | UnsetType = UNSET


_D = TypeVar("_D")
_LARGE_BYTES = 64 * 1024
_Result = Appended | PageResult | RefusedEvent


class _Ingested(Struct, frozen=True, omit_defaults=True):
    """`IngestView` as it is written, without a copy of each result."""

    accepted: int
    duplicates: int
    conflicts: int
    results: Sequence[_Result]
    refused: int = 0
    blocked: int = 0


_EXAMPLE = IngestView(
    accepted=1,
    duplicates=1,
    conflicts=0,
    results=[
        EventResultView("evt-1", "lead-1", "duplicate", 41),
        EventResultView("evt-2", "lead-1", "accepted", 42),
    ],
)
_STORED = ResponseSpec(
    IngestView,
    description="Stored",
    generate_examples=False,
    examples=[Example(value=msgspec.to_builtins(_EXAMPLE))],
)


async def accept_events(
    runtime: Runtime,
    body: bytes | bytearray,
    *,
    lenient: bool = False,
    page_key: str = "",
    sent_at: Millis | None = None,
) -> IngestResponse:
    """Store one event or many (an `IngestRoute`); with `lenient` those of a batch that are sound.

    `page_key` is the id of the key of a web page that sends them, if one does; `sent_at` when they were sent, by the
    sender's clock, if it says so.
    Raises `Invalid` with every fault, `Conflict` for a single event whose id is stored with other content, `Blocked` for
    one of a lead that was erased and blocked, and `Unavailable`.
    """
    runtime.capture.appender.require_room()
    if lenient:
        return _accepted(await _store_sound(runtime, body, page_key, sent_at))
    events, single = await _decoded(runtime, body, decode_events)
    if page_key:
        require_for_page(events, single=single)
    results = await _store(runtime, events, page_key, sent_at)
    if single:
        require_stored(results[0])
    return _accepted(results)


async def _decoded(
    runtime: Runtime, body: bytes | bytearray, decode: Callable[[bytes | bytearray, Collection[str], str], _D]
) -> _D:
    """The decoded body. Large ones are decoded one after the other, and others get their turn in between."""
    stages, region = runtime.rulebook.stages.ranks, runtime.identity.phone_region
    if len(body) <= _LARGE_BYTES:
        return decode(body, stages, region)
    async with runtime.capture.large_bodies:
        return decode(body, stages, region)


def require_stored(result: Appended | PageResult) -> None:
    """Raise `Conflict` or `Blocked` for an event that was not stored because of its id or its lead."""
    if result.status == "conflict":
        raise Conflict(
            f"Event '{result.event_id}' is stored already with other content; nothing was changed."
        )
    if result.status == "blocked":
        raise Blocked(f"Lead '{result.lead_id}' was erased and is blocked; nothing was stored.")


async def _store(
    runtime: Runtime, events: Sequence[EventInput], page_key: str, sent_at: Millis | None
) -> Sequence[Appended | PageResult]:
    if page_key:
        return await ingest_from_page(runtime, page_key, events, sent_at=sent_at)
    return await ingest(runtime, events, sent_at=sent_at)


async def _store_sound(
    runtime: Runtime, body: bytes | bytearray, page_key: str, sent_at: Millis | None
) -> list[_Result]:
    decoded = await _decoded(runtime, body, decode_each)
    if page_key:
        decoded = [
            checked_for_page(event, f"/{number}") if isinstance(event, EventInput) else event
            for number, event in enumerate(decoded)
        ]
    sound = [event for event in decoded if isinstance(event, EventInput)]
    stored = iter(await _store(runtime, sound, page_key, sent_at) if sound else ())
    return [next(stored) if isinstance(event, EventInput) else _refused(event) for event in decoded]


def _refused(event: InvalidEvent) -> RefusedEvent:
    faults = tuple(PointedFault(fault.pointer, fault.detail) for fault in event.faults)
    detail = "Some fields are wrong; this event was not stored."
    return RefusedEvent(event.event_id, event.lead_id, EventProblem(Invalid.code, detail, faults))


def _accepted(results: Sequence[_Result]) -> IngestResponse:
    statuses = [result.status for result in results]
    outcome = _Ingested(
        accepted=statuses.count("accepted"),
        duplicates=statuses.count("duplicate"),
        conflicts=statuses.count("conflict"),
        results=results,
        refused=statuses.count("refused"),
        blocked=statuses.count("blocked"),
    )
    return IngestResponse(HTTPStatus.ACCEPTED, msgspec.json.encode(outcome))


@post(
    "/api/events",
    summary="Take events in",
    description=(
        "Answers when every event is durable. Sending the same event ids again is always safe. One bad event refuses the "
        "request, unless it says `Prefer: handling=lenient`: then the others are stored, and `results` has what is wrong. "
        "The body may be compressed (`Content-Encoding: gzip`), and JSON as `text/plain`. A header `Sent-At` with the sender's "
        "time corrects a clock that is wrong, and the results say by how much; no event occurs after its receipt."
    ),
    tags=["Events"],
    status_code=HTTPStatus.ACCEPTED,
    request_max_body_size=MAX_BODY_BYTES,
    operation_class=operation_with_body(EVENTS_BODY),
    responses={202: _STORED, **problems(400, 409, 410, 413, 415, 503)},
)
async def post_events(
    request: HttpRequest,
    runtime: RuntimeDep,
    key: Annotated[  # noqa: ARG001 - read by the authenticator
        str | None,
        QueryParameter(
            name="key",
            max_length=200,
            description="The key of a web page, for `navigator.sendBeacon`, which can set no header. No other key.",
        ),
    ] = None,
) -> Response[bytes]:
    """Requests that the capture application does not serve."""
    require_events(request)
    lenient = prefers_lenient(request)
    caller: Principal = request.auth
    page_key = caller.id if caller.origins else ""
    sent_at = sent_time(request)
    response = await accept_events(
        runtime, await plain_body(request), lenient=lenient, page_key=page_key, sent_at=sent_at
    )
    return Response(
        response.body,
        status_code=response.status,
        media_type="application/json",
        headers={"Preference-Applied": LENIENT} if lenient else None,
    )

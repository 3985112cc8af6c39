"""POST /v1/events: CloudEvents 1.0 over HTTP, in binary, structured and batched mode.

Specification: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from litestar import post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from msgspec import Struct

from api.capture.wire import MAX_WIRE_BYTES, decode_json, plain_wire_body, require_few, source_of
from api.http.openapi import operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import ProblemError, problems
from domain.capture.cloudevents import faults_of
from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.runtime import Runtime
from workflows.capture.faults import first_faults
from workflows.sources.capture import capture

__all__ = ["post_cloudevents"]

_BATCH, _STRUCTURED = "application/cloudevents-batch", "application/cloudevents"
_PREFIX = "ce-"
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_JSON_TYPE = re.compile(r"[^;]*(/|\+)json\s*(;.*)?", re.IGNORECASE)
_EVENT = Schema(
    type=OpenAPIType.OBJECT,
    required=["id", "source", "specversion", "type"],
    examples=[
        {
            "specversion": "1.0",
            "id": "evt-1",
            "source": "/web/forms",
            "type": "com.example.demo_requested",
            "subject": "ada@example.com",
            "data": {"plan": "pro"},
        }
    ],
)


class CloudEventsView(Struct, frozen=True, omit_defaults=True):
    """How many events are durable now, those known already among them; and how many were kept as rejected."""

    accepted: int
    rejected: int = 0


@post(
    "/v1/events",
    summary="Take CloudEvents in",
    description=(
        "CloudEvents 1.0 in binary (`ce-` headers), structured or batched mode, with the write key of a source. What is no "
        "CloudEvent refuses the request; a CloudEvent that makes no event of a lead is kept as rejected for seven days."
    ),
    tags=["Sources"],
    status_code=HTTPStatus.ACCEPTED,
    request_max_body_size=MAX_WIRE_BYTES,
    operation_class=operation_with_body(
        RequestBody(
            required=True,
            description="The mode is chosen by the content type. Up to 5,000 events; 4 MiB.",
            content={
                f"{_STRUCTURED}+json": OpenAPIMediaType(schema=_EVENT),
                f"{_BATCH}+json": OpenAPIMediaType(schema=Schema(type=OpenAPIType.ARRAY, items=_EVENT)),
                "*/*": OpenAPIMediaType(schema=Schema()),
            },
        )
    ),
    responses=problems(400, 404, 413, 415, 503),
)
async def post_cloudevents(request: HttpRequest, runtime: RuntimeDep) -> CloudEventsView:
    """Answers when every event is durable. Sending the same events again is safe: source and id identify one."""
    source = await source_of(request, runtime)
    read = await _read(request, runtime)
    require_few(read.events)
    faults = first_faults(
        fault
        for number, event in enumerate(read.events)
        for fault in faults_of(event, f"/{number}" if read.is_batch else "")
    )
    if faults:
        raise Invalid("This is no CloudEvent; nothing was stored.", faults)
    captures = await capture(runtime, source, "cloudevents", read.events)
    return CloudEventsView(captures.accepted + captures.duplicates + captures.blocked, captures.rejected)


class _Read(NamedTuple):
    events: list[Json]
    is_batch: bool


async def _read(request: HttpRequest, runtime: Runtime) -> _Read:
    """The events in the mode of the request. Raises `ProblemError` 415 for one in none."""
    media_type = request.headers.get("content-type", "").strip().lower()
    plain = plain_wire_body(await request.body())
    if media_type.startswith(_BATCH):
        batch = await decode_json(plain, runtime)
        if not isinstance(batch, list):
            raise Invalid("The body is no batch.", (Fault("", "must be a list of CloudEvents"),))
        return _Read(batch, is_batch=True)
    if media_type.startswith(_STRUCTURED):
        return _Read([await decode_json(plain, runtime)], is_batch=False)
    if f"{_PREFIX}specversion" in request.headers:
        return _Read([await _binary(request, plain, media_type, runtime)], is_batch=False)
    detail = (
        f"Send CloudEvents: with ce- headers, as {_STRUCTURED}+json, or as {_BATCH}+json; the request says "
        f"'{media_type}'."
    )
    raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)


async def _binary(request: HttpRequest, plain: bytes, media_type: str, runtime: Runtime) -> Json:
    """A CloudEvent with its attributes in headers and its data in the body, in the shape of structured mode."""
    event: dict[str, Json] = dict(_attributes(request))
    if media_type:
        event["datacontenttype"] = request.headers["content-type"]
    if not plain:
        return event
    if _JSON_TYPE.fullmatch(media_type):
        return {**event, "data": await decode_json(plain, runtime)}
    if not media_type:  # some clients send JSON without a type
        try:
            return {**event, "data": await decode_json(plain, runtime)}
        except Invalid:
            pass
    try:
        return {**event, "data": plain.decode()}
    except UnicodeDecodeError:
        return {**event, "data_base64": base64.b64encode(plain).decode()}


def _attributes(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Attributes of the headers. Values are percent-decoded once, and taken out of quotation marks of older clients.

    Raises `Invalid` for one that is no UTF-8.
    """
    for name, value in request.headers.items():
        if not name.startswith(_PREFIX):
            continue
        attribute = name.lower()  # of a type of its own until then
        quoted = _QUOTED.fullmatch(value.strip())
        text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else value
        try:
            yield attribute.removeprefix(_PREFIX), unquote_to_bytes(text.encode("latin-1")).decode()
        except UnicodeDecodeError:
            raise Invalid(
                "A header is wrong.", (Fault(attribute, "must be percent-encoded UTF-8"),)
            ) from None

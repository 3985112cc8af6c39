"""Routes under which the clients of PostHog send, with a write key in place of their project key."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from litestar import post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from msgspec import Struct

from api.access.credentials import KEY_FINDER
from api.capture.wire import MAX_WIRE_BYTES, find_key_in_body, require_few, source_of, wire_json
from api.http.openapi import operation_with_body
from api.http.parameters import ANY_QUERY, HttpRequest, RuntimeDep
from api.http.problems import problems
from domain.capture.posthog import complete
from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.runtime import Runtime
from workflows.sources.capture import capture

__all__ = ["POSTHOG"]

_ABOUT = (
    "For the clients of PostHog, with the write key of a source as their project key. Compressed with gzip or not. What "
    "cannot be taken is kept as rejected for seven days, and fails nothing else."
)
_BODY = operation_with_body(
    RequestBody(
        required=True,
        description="One event, a list of events, or an object with a list `batch`; 4 MiB, also once decompressed.",
        content={
            "*/*": OpenAPIMediaType(
                schema=Schema(
                    one_of=[Schema(type=OpenAPIType.OBJECT), Schema(type=OpenAPIType.ARRAY)],
                    examples=[{"batch": [{"event": "Demo Requested", "distinct_id": "u-1"}]}],
                )
            )
        },
    )
)


class Captured(Struct, frozen=True):
    """Everything is durable."""

    status: str


class CaptureResults(Struct, frozen=True):
    """Everything is durable: an event that is not named has succeeded."""

    results: dict[str, str]


class NoFlags(Struct, frozen=True, rename="camel"):
    """There are no feature flags here."""

    flags: dict[str, str] = {}
    feature_flags: dict[str, str] = {}
    feature_flag_payloads: dict[str, str] = {}
    errors_while_computing_flags: bool = False


@post(
    ["/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch"],
    summary="Take events in (PostHog)",
    description=_ABOUT,
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    request_max_body_size=MAX_WIRE_BYTES,
    operation_class=_BODY,
    responses=problems(400, 404, 413, 503),
    opt={KEY_FINDER: find_key_in_body, ANY_QUERY: True},
)
async def post_posthog(request: HttpRequest, runtime: RuntimeDep) -> Captured:
    """Events of any kind."""
    await _capture(request, runtime)
    return Captured("Ok")


@post(
    "/i/v1/analytics/events",
    summary="Take events in (PostHog, capture mode v1)",
    description=_ABOUT,
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    request_max_body_size=MAX_WIRE_BYTES,
    operation_class=_BODY,
    responses=problems(400, 404, 413, 503),
    opt={KEY_FINDER: find_key_in_body, ANY_QUERY: True},
)
async def post_posthog_v1(request: HttpRequest, runtime: RuntimeDep) -> CaptureResults:
    """Events of any kind."""
    await _capture(request, runtime)
    return CaptureResults({})


@post(
    ["/flags", "/decide"],
    summary="Feature flags (PostHog): there are none",
    description="Answers what the clients of PostHog ask when they start.",
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    operation_class=_BODY,
    responses=problems(400, 404, 413, 503),
    opt={KEY_FINDER: find_key_in_body, ANY_QUERY: True},
)
async def post_flags(request: HttpRequest, runtime: RuntimeDep) -> NoFlags:
    """No flags, and no error."""
    await source_of(request, runtime)
    return NoFlags()


async def _capture(request: HttpRequest, runtime: Runtime) -> None:
    source = await source_of(request, runtime)
    body = await wire_json(request, runtime)
    batch = body if isinstance(body, dict) else {}
    messages = _messages(body)
    require_few(messages)
    whole = [complete(one, batch) if isinstance(one, dict) else one for one in messages]
    await capture(runtime, source, "posthog", whole)


def _messages(body: Json) -> Sequence[Json]:
    """The events of a body in any of its shapes. Raises `Invalid`."""
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        for name in ("batch", "data"):
            found = body.get(name)
            if isinstance(found, list):
                return found
        if "event" in body:
            return [body]
    raise Invalid("The body holds no events.", (Fault("/batch", "is required: a list of events"),))


POSTHOG = (post_posthog, post_posthog_v1, post_flags)
"""Every call here."""

"""Routes of the Segment tracking API, under which the clients of Segment and RudderStack send.

The answer is exactly 200 and `{"success":true}`, once everything is durable: clients take any other 2xx for a failure.
"""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.types import HTTPScope, Receive
from msgspec import Struct

from api.access.credentials import KEY_FINDER, Credentials, with_key
from api.capture.wire import MAX_MESSAGES, MAX_WIRE_BYTES, find_key_in_body, require_few, source_of, wire_json
from api.http.openapi import operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.capture.segment import CALLS, complete
from domain.errors import Fault, Invalid, NotFound
from engine.access.principal import Principal
from workflows.sources.capture import capture

__all__ = ["SEGMENT"]

_STORED = b'{"success":true}'
_LETTERS = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
_CALL_OF = {**_LETTERS, **{call: call for call in CALLS}}
_REFUSALS = problems(400, 413, 503)
_ABOUT = (
    "For the clients of Segment and RudderStack, with the write key of a source. Any content type, gzip or not. What "
    "cannot be taken is kept as rejected for seven days, and fails nothing else."
)


class Success(Struct, frozen=True):
    """Everything is durable."""

    success: bool


def _body(schema: Schema, description: str) -> RequestBody:
    return RequestBody(
        required=True, description=description, content={"*/*": OpenAPIMediaType(schema=schema)}
    )


_MESSAGE = Schema(
    type=OpenAPIType.OBJECT,
    examples=[{"userId": "u-1", "type": "track", "event": "Demo Requested", "properties": {"plan": "pro"}}],
)
_BATCH = Schema(
    type=OpenAPIType.OBJECT,
    required=["batch"],
    properties={"batch": Schema(type=OpenAPIType.ARRAY, items=_MESSAGE, max_items=MAX_MESSAGES)},
)


@post(
    ["/v1/batch", "/v1/b", "/v1/import"],
    summary="Take a batch of messages in (Segment)",
    description=_ABOUT,
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    request_max_body_size=MAX_WIRE_BYTES,
    operation_class=operation_with_body(
        _body(_BATCH, "Up to 5,000 messages; 4 MiB, also once decompressed.")
    ),
    responses=_REFUSALS,
    opt={KEY_FINDER: find_key_in_body},
)
async def post_batch(request: HttpRequest, runtime: RuntimeDep) -> Response[Success]:
    """Messages of any kind."""
    source = await source_of(request, runtime)
    body = await wire_json(request, runtime)
    messages = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(messages, list):
        raise Invalid("The body is no batch.", (Fault("/batch", "is required: a list of messages"),))
    require_few(messages)
    whole = [complete(one, body) if isinstance(one, dict) else one for one in messages]
    await capture(runtime, source, "segment", whole)
    return _success()


@post(
    [f"/v1/{name}" for name in _CALL_OF],
    summary="Take one message in (Segment)",
    description=_ABOUT,
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    request_max_body_size=MAX_WIRE_BYTES,
    operation_class=operation_with_body(
        _body(_MESSAGE, "One message; its type is that of the route unless it says one.")
    ),
    responses=_REFUSALS,
    opt={KEY_FINDER: find_key_in_body},
)
async def post_message(request: HttpRequest, runtime: RuntimeDep) -> Response[Success]:
    """One message."""
    source = await source_of(request, runtime)
    body = await wire_json(request, runtime)
    call = _CALL_OF[request.scope["path"].rstrip("/").rpartition("/")[2]]
    await capture(runtime, source, "segment", [complete(body, {}, call) if isinstance(body, dict) else body])
    return _success()


async def _find_key_in_path(scope: HTTPScope, receive: Receive, credentials: Credentials) -> Credentials:  # noqa: ARG001 - the protocol's
    return with_key(credentials, str(scope["path_params"]["write_key"]), is_in_url=True)


@get(
    "/v1/projects/{write_key:str}/settings",
    summary="Settings for the browser client of Segment",
    description="For `cdnURL` of @segment/analytics-next, with the write key of a source that has origins.",
    tags=["Sources"],
    responses=problems(400, 404, 503),
    opt={KEY_FINDER: _find_key_in_path},
)
async def get_settings(request: HttpRequest, write_key: PathText) -> dict[str, object]:
    """Where the client sends to: this server."""
    principal: Principal = request.auth
    if not principal.source_id:
        raise NotFound("source", "", "There is no source with this write key.")
    url = request.base_url
    host = {"apiKey": write_key, "apiHost": f"{url.netloc}/v1", "protocol": url.scheme}
    return {"integrations": {"Segment.io": host}, "plan": {"track": {"__default": {"enabled": True}}}}


def _success() -> Response[Success]:
    return Response(_STORED, media_type="application/json")  # type: ignore[arg-type]


SEGMENT = (post_batch, post_message, get_settings)
"""Every call here."""

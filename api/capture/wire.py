"""Bodies of the clients of other systems: JSON whatever the content type says, perhaps compressed, with the write key inside.

RudderStack sends compressed JSON as a form, browsers as plain text: what decides is what the bytes are.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote_plus

import msgspec
from litestar.types import HTTPScope, Receive
from msgspec import Struct

from api.access.credentials import Credentials, with_key
from api.capture.content import gunzip
from api.http.bodies import too_large
from api.http.parameters import HttpRequest
from api.http.problems import ProblemError
from api.transport.asgi import read_body
from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.access.principal import Principal
from engine.runtime import Runtime
from engine.sources.source import Source
from workflows.capture.faults import NOT_JSON, not_json

__all__ = [
    "MAX_MESSAGES",
    "MAX_WIRE_BYTES",
    "decode_json",
    "find_key_in_body",
    "plain_wire_body",
    "require_few",
    "source_of",
    "wire_json",
]

MAX_WIRE_BYTES = 4 * 1024 * 1024
"""Size of a body, also once decompressed: what the clients of RudderStack send at most."""
MAX_MESSAGES = 5000
"""Messages in one body."""
_MAX_CONTAINERS = 200_000
"""Lists and objects in one body: decoding millions of them keeps everybody waiting."""
_GZIP = b"\x1f\x8b"
_LARGE_BYTES = 64 * 1024
_BODY = "wire_body"
_MAX_KEY = 200


class _Properties(Struct):
    token: object = None


class _Keyed(Struct, rename={"write_key": "writeKey"}):
    """Where clients put the key: Segment as `writeKey`, PostHog as `api_key` or `token`."""

    write_key: object = None
    api_key: object = None
    token: object = None
    properties: _Properties | None = None

    @property
    def key(self) -> str:
        inner = None if self.properties is None else self.properties.token
        found = (self.write_key, self.api_key, self.token, inner)
        return next((one for one in found if isinstance(one, str) and len(one) <= _MAX_KEY), "")


_key_decoder = msgspec.json.Decoder(_Keyed | list[_Keyed])


async def find_key_in_body(scope: HTTPScope, receive: Receive, credentials: Credentials) -> Credentials:
    """A `KeyFinder` for clients that put the key into the body. What is no JSON has none.

    Raises `ProblemError` 413, and 400 for a body that ends early.
    """
    body = await read_body(receive, dict(scope["headers"]), MAX_WIRE_BYTES)
    if body is None:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "cut-off", "The body ends before its end.")
    plain = plain_wire_body(bytes(body))
    scope["state"][_BODY] = plain
    try:
        found = _key_decoder.decode(plain)
    except (*NOT_JSON, msgspec.ValidationError):
        return credentials
    first = found if isinstance(found, _Keyed) else next(iter(found), None)
    return credentials if first is None else with_key(credentials, first.key)


async def wire_json(request: HttpRequest, runtime: Runtime) -> Json:
    """The JSON value of the body. Raises `ProblemError` 413, and `Invalid` for what is no JSON."""
    plain = request.scope["state"].get(_BODY)
    return await decode_json(plain_wire_body(await request.body()) if plain is None else plain, runtime)


async def decode_json(plain: bytes, runtime: Runtime) -> Json:
    """The JSON value in these bytes; large ones are decoded one after the other. Raises `Invalid`."""
    if len(plain) <= _LARGE_BYTES:
        return _decoded(plain)
    if plain.count(b"[") + plain.count(b"{") > _MAX_CONTAINERS:
        raise Invalid(
            "The body cannot be taken.", (Fault("", f"has more than {_MAX_CONTAINERS:,} lists and objects"),)
        )
    async with runtime.capture.large_bodies:  # one per turn of the loop
        return _decoded(plain)


def require_few(messages: Sequence[Json]) -> None:
    """Raise `ProblemError` 413 for more messages than one request may have."""
    if len(messages) > MAX_MESSAGES:
        detail = f"The body has {len(messages):,} messages; send at most {MAX_MESSAGES:,} at a time."
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)


async def source_of(request: HttpRequest, runtime: Runtime) -> Source:
    """The source whose write key the request shows. Raises `ProblemError` 400 for a key of no source."""
    principal: Principal = request.auth
    if not principal.source_id:
        detail = "This key belongs to no source: create one with POST /api/sources, and use its write key."
        raise ProblemError(HTTPStatus.BAD_REQUEST, "no-source", detail)
    return await runtime.sources.configured.current(principal.source_id)


def plain_wire_body(body: bytes) -> bytes:
    """The JSON text in a body: decompressed, and taken out of a form field `data` with base64 if it is in one."""
    if body.startswith(_GZIP):
        body = gunzip(body, MAX_WIRE_BYTES)
    if body.startswith(b"data="):
        try:
            body = base64.b64decode(unquote_plus(body[5:].split(b"&")[0].decode("latin-1")), validate=True)
        except binascii.Error:
            return body
        if body.startswith(_GZIP):
            body = gunzip(body, MAX_WIRE_BYTES)
    if len(body) > MAX_WIRE_BYTES:
        raise too_large(MAX_WIRE_BYTES)
    return body


def _decoded(plain: bytes) -> Json:
    try:
        decoded: Json = msgspec.json.decode(plain)
    except NOT_JSON as error:
        raise not_json(error, plain) from error
    return decoded

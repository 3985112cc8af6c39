"""The credential of a request, and the origin of the web page that makes it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from litestar.types import HTTPScope, Receive
from msgspec import Struct
from msgspec.structs import replace

from engine.access.keys.token import parse_token

__all__ = [
    "KEY_FINDER",
    "Credentials",
    "KeyFinder",
    "credential_in",
    "key_in",
    "read_credentials",
    "with_key",
    "with_key_in_url",
]

KEY_FINDER = "key_finder"
"""Name of the handler option with a `KeyFinder`, for calls whose clients send the key neither as a header nor as a parameter."""

_MAX_PARAMETERS = 20
_NAMES = frozenset({b"authorization", b"x-api-key", b"origin", b"cookie", b"access-control-request-method"})
_API_KEY = b"\0"
"""Marks a credential from `X-API-Key`; no header can hold this byte, so it is never taken for an `Authorization`."""


class Credentials(Struct, frozen=True):
    """The headers that authentication reads: credential, cookies, and origin of the web page that calls, if one does."""

    credential: bytes | None
    origin: str | None
    is_preflight: bool
    """Whether this is a browser's question whether the page may call (CORS)."""
    cookies: bytes | None = None
    is_in_url: bool = False
    """Whether the key stands in the URL, where only that of a web page may stand."""

    def __repr__(self) -> str:
        return f"Credentials(origin={self.origin})"


KeyFinder = Callable[[HTTPScope, Receive, Credentials], Awaitable[Credentials]]
"""Returns the credentials with the key that it finds in the path or the body; a body that it reads is kept in the scope's state."""


def read_credentials(scope: HTTPScope) -> Credentials:
    """Read `X-API-Key`, else `Authorization`.

    `X-API-Key` comes first, because a proxy with a login of its own passes that login on as `Authorization`.
    """
    api_key: bytes | None = None
    authorization: bytes | None = None
    origin: bytes | None = None
    cookies: bytes | None = None
    is_preflight = False
    for name, value in scope["headers"]:
        if name not in _NAMES:
            continue
        if name == b"authorization":
            authorization = value
        elif name == b"origin":
            origin = value
        elif name == b"x-api-key":
            api_key = _API_KEY + value
        elif name == b"cookie":
            cookies = value
        else:
            is_preflight = scope["method"] == "OPTIONS"
    return Credentials(
        api_key or authorization,
        origin.decode("latin-1") if origin is not None else None,
        is_preflight,
        cookies,
    )


def with_key_in_url(scope: HTTPScope, credentials: Credentials) -> Credentials:
    """The credentials with the key of the parameter `key`: `navigator.sendBeacon` can set no header."""
    try:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # more parameters than any call has
        return credentials
    given = query.get("key")
    if not given:
        return credentials
    return _with_key(credentials, given[0], is_in_url=True)


def with_key(credentials: Credentials, text: str, *, is_in_url: bool = False) -> Credentials:
    """The credentials with this key as if it were sent as `X-API-Key`; as they are if the text has not the form of one."""
    if parse_token(text) is None:
        return credentials
    return _with_key(credentials, text, is_in_url=is_in_url)


def _with_key(credentials: Credentials, key: str, *, is_in_url: bool) -> Credentials:
    return replace(credentials, credential=_API_KEY + key.encode("latin-1", "replace"), is_in_url=is_in_url)


def credential_in(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The credential that `read_credentials` finds, of headers none of which occurs twice."""
    api_key = headers.get(b"x-api-key")
    return headers.get(b"authorization") if api_key is None else _API_KEY + api_key


def key_in(credential: bytes) -> str:
    """The key in a credential: as it is, as Bearer, or as the user name of Basic; empty if there is none."""
    text = credential.decode("latin-1")
    if credential.startswith(_API_KEY):
        return text[len(_API_KEY) :]
    scheme, _, value = text.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            return _user_of(value.strip())
    return ""


def _user_of(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("latin-1").partition(":")[0]
    except binascii.Error:
        return ""

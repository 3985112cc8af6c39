"""Request ids: the client's own if it sent a usable one. The log, the response and its errors name it."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Awaitable, Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, get_contextvars

from api.http.headers import with_headers

__all__ = ["RequestIds", "current_request_id", "given_id", "with_request_ids"]

_HTTP = ScopeType.HTTP.value
_USABLE = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")
"""Text that cannot break a line of a log or a header. Anything else is replaced by an id of our own."""


class RequestIds:
    """Identifies the requests of one process, in their responses and in the log."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)

    def bind(self, given: bytes | None) -> tuple[bytes, bytes]:
        """Bind the given id, if it is usable, or a new one to the log context. Returns the header of the response."""
        if given is None or not _USABLE.fullmatch(given):
            given = b"%b-%d" % (self._process, next(self._numbers))
        bind_contextvars(requestId=given.decode())
        return b"x-request-id", given


def with_request_ids(app: ASGIApp, ids: RequestIds) -> ASGIApp:
    """The application, each of whose responses has the header `X-Request-Id`, errors of the framework too."""

    # Neither of the two is a coroutine: every request passes through here.
    def respond(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != _HTTP:
            return app(scope, receive, send)
        return app(scope, receive, with_headers(send, [ids.bind(given_id(scope["headers"]))]))

    return respond


def current_request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(get_contextvars().get("requestId", ""))


def given_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The id that the client gave its request, if it is usable."""
    for name, value in headers:
        if name == b"x-request-id":
            return value if _USABLE.fullmatch(value) else None
    return None

"""Gives every request an id, the caller's own if it sent a usable one: the log, the answer and its errors name it."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Awaitable, Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from engine.process.log_context import request_id

__all__ = ["NAMED", "RequestIds", "given_id", "with_request_ids"]

NAMED = "request_id"
"""Where a scope says which id its request was given already."""

_HTTP = ScopeType.HTTP.value
_USABLE = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")
"""What cannot break a line of a log or a header. Anything else is replaced by an id of our own."""


class RequestIds:
    """Gives out ids, each once."""

    def __init__(self) -> None:
        self._ours = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)

    def of(self, scope: Scope) -> bytes:
        """The id of this request: the one it was given already, the caller's own, or a new one."""
        named: bytes | None = scope.get(NAMED)  # type: ignore[assignment]
        return named or given_id(scope["headers"]) or self._new()

    def named(self, given: bytes | None) -> bytes:
        """The id of a request whose caller gave it this one, or none."""
        return given if given is not None and _USABLE.fullmatch(given) else self._new()

    def _new(self) -> bytes:
        return b"%b-%d" % (self._ours, next(self._numbers))


def with_request_ids(app: ASGIApp, ids: RequestIds) -> ASGIApp:
    """The application, outermost: also what no call answers for has an id."""

    # Not a coroutine of its own: every request would pay for one.
    def answer(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != _HTTP:
            return app(scope, receive, send)
        name = ids.of(scope)
        request_id.set(name.decode())
        header = (b"x-request-id", name)

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            return send(message)

        return app(scope, receive, send_with_id)

    return answer


def given_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The id that the caller gave its request, if it is usable."""
    for name, value in headers:
        if name == b"x-request-id":
            return value if _USABLE.fullmatch(value) else None
    return None

"""Gives every request an id, the caller's own if it sent a usable one: the log, the answer and its errors name it."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Awaitable, Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from engine.log_context import request_id

__all__ = ["given_id", "with_request_ids"]

_HTTP = ScopeType.HTTP.value
_USABLE = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")
"""What cannot break a line of a log or a header. Anything else is replaced by an id of our own."""


def with_request_ids(app: ASGIApp) -> ASGIApp:
    """The application, outermost: also what no call answers for has an id."""
    ours, numbers = secrets.token_hex(6), itertools.count(1)

    # Not a coroutine of its own: every request would pay for one.
    def answer(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != _HTTP:
            return app(scope, receive, send)
        given = given_id(scope["headers"])
        name = given.decode() if given else f"{ours}-{next(numbers)}"
        request_id.set(name)
        header = (b"x-request-id", given or name.encode())

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

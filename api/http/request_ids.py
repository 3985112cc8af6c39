"""Request ids: the client's own if it sent a usable one. The log, the response and its errors name it."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Awaitable, Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, get_contextvars

__all__ = ["REQUEST_ID", "current_request_id", "given_id", "with_request_ids"]

REQUEST_ID = "requestId"
"""The name under which the log context has the id of the request that is being answered."""

_HTTP = ScopeType.HTTP.value
_USABLE = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")
"""Text that cannot break a line of a log or a header. Anything else is replaced by an id of our own."""


def with_request_ids(app: ASGIApp) -> ASGIApp:
    """The application, outermost: responses that no route makes have an id too."""
    process = secrets.token_hex(6).encode()
    numbers = itertools.count(1)

    # Neither of the two is a coroutine: every request passes through here.
    def respond(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != _HTTP:
            return app(scope, receive, send)
        name = given_id(scope["headers"]) or b"%b-%d" % (process, next(numbers))
        bind_contextvars(**{REQUEST_ID: name.decode()})
        header = (b"x-request-id", name)

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            return send(message)

        return app(scope, receive, send_with_id)

    return respond


def current_request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(get_contextvars().get(REQUEST_ID, ""))


def given_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The id that the client gave its request, if it is usable."""
    for name, value in headers:
        if name == b"x-request-id":
            return value if _USABLE.fullmatch(value) else None
    return None

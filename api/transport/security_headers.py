"""Headers that keep a browser from misusing a response: on every response that does not bring its own."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.http.headers import as_pairs

__all__ = ["SECURITY_HEADERS", "with_security_headers"]

SECURITY_HEADERS = tuple(
    as_pairs(
        {
            # What is behind a key belongs in no cache; proxies do not know that `X-API-Key` is a login.
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
    )
)
_NAMES = frozenset(name for name, _ in SECURITY_HEADERS)


def with_security_headers(app: ASGIApp) -> ASGIApp:
    """The application, each of whose responses has the headers that it lacks."""

    # Neither of the two is a coroutine: every request passes through here.
    def respond(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != ScopeType.HTTP:
            return app(scope, receive, send)

        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(list(message["headers"]))
            return send(message)

        return app(scope, receive, send_with_headers)

    return respond


def _completed(headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    own = {name.lower() for name, _ in headers}
    if own.isdisjoint(_NAMES):
        return [*headers, *SECURITY_HEADERS]
    return [*headers, *(one for one in SECURITY_HEADERS if one[0] not in own)]

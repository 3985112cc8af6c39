"""Answers requests cancelled by shutdown with a retryable 503 instead of the server's bare 500."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api.http.asgi import send_problem
from api.http.problems import problem_of
from domain.errors import Unavailable

__all__ = ["answer_on_shutdown"]

_STOPPING = "The server is stopping; repeat the request, with the same event ids."
_CLOSE = (b"connection", b"close")


def answer_on_shutdown(app: ASGIApp) -> ASGIApp:
    """The application, with a 503 for requests that the server cancels because they did not end in time."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        def send_and_note(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            return send(message)

        try:
            await app(scope, receive, send_and_note)
        except asyncio.CancelledError:
            if started or scope["type"] != ScopeType.HTTP:
                raise
            await _refuse(scope, send)

    return answering


async def _refuse(scope: HTTPScope, send: Send) -> None:
    problem = problem_of(Unavailable(_STOPPING), scope)
    await send_problem(send, problem._replace(headers=[*problem.headers, _CLOSE]))

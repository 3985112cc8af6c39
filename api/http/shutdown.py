"""Answers requests cancelled by shutdown with a retryable 503 instead of the server's bare 500."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.http.asgi import send_problem
from api.http.problems import problem_of

__all__ = ["answer_on_shutdown"]


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
        except asyncio.CancelledError as error:
            if started or scope["type"] != ScopeType.HTTP:
                raise
            await send_problem(send, problem_of(error, scope))

    return answering

"""Graceful shutdown: cancelled requests get a retryable 503 instead of a bare 500, and closing has a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import problem_of
from api.transport.asgi import send_problem
from engine.process.shutdown_deadline import ShutdownDeadline

__all__ = ["answer_on_shutdown", "limit_shutdown"]


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


def limit_shutdown(app: ASGIApp, seconds: float) -> ASGIApp:
    """The application, with a deadline for its lifespan to end, after which the process exits."""

    async def run_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_and_start() -> Any:
            message: Any = await receive()
            if message["type"] == "lifespan.shutdown":
                ShutdownDeadline(seconds).begin()
            return message

        await app(scope, receive_and_start, send)

    # Not a coroutine: every request passes through here.
    def run(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        kind: str = scope["type"]  # Litestar's type leaves out the lifespan
        return run_lifespan(scope, receive, send) if kind == "lifespan" else app(scope, receive, send)

    return run

"""The API process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send

from api.app import create_app, create_framework
from api.http.connection import bounded_connections
from engine.process.gc_tuning import freeze_heap
from engine.process.shutdown_deadline import ShutdownDeadline
from engine.process.watchdog import watched_loop
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings

__all__ = ["run_api"]

_STOP_SECONDS = 5
_CLOSE_SECONDS = 7
"""Longest that closing may take after that; without MongoDB and Redis every step of it waits for an answer."""


def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are answered first, or refused after five seconds.

    What has not been closed in seven more, because MongoDB or Redis does not answer, is cut off as if killed.
    """
    app = create_app(create_framework(_watched_runtime(settings)), settings.trusted_proxies)
    uvicorn.run(
        _closed_in_time(app),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=30,
        interface="asgi3",
        ws="none",
        http=bounded_connections(settings.request_seconds),
    )


@contextlib.asynccontextmanager
async def _watched_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        yield runtime


def _closed_in_time(app: ASGIApp) -> ASGIApp:
    """The application, with a limit to how long it takes to shut down."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_and_begin() -> Any:
            message: Any = await receive()
            if message["type"] == "lifespan.shutdown":
                ShutdownDeadline(_CLOSE_SECONDS).begin()
            return message

        await app(scope, receive_and_begin, send)

    # Not a coroutine of its own: every request would pay for one.
    def either(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        kind: str = scope["type"]  # Litestar's type leaves out the lifespan
        return limited(scope, receive, send) if kind == "lifespan" else app(scope, receive, send)

    return either

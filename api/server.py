"""The API process: the application on uvicorn, with its graceful shutdown."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import uvicorn

from api.app import create_app, create_framework
from api.transport.connection import bounded_connections
from api.transport.connection_limits import ConnectionCounter, ConnectionLimits, RefusalLog
from api.transport.proxies import TrustedProxies
from api.transport.shutdown import limit_shutdown
from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings

__all__ = ["run_api"]

_STOP_SECONDS = 5
"""Longest that a shutdown waits for requests in flight."""
_CLOSE_SECONDS = 7
"""Longest that closing may take after that; without MongoDB and Redis every step of it waits for an answer."""


def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests in flight are answered first, or refused 503 after five seconds.

    Seven seconds later the process exits even if MongoDB or Redis does not answer.
    """
    proxies = TrustedProxies(settings.trusted_proxies)
    app = create_app(create_framework(_watched_runtime(settings)), proxies)
    uvicorn.run(
        limit_shutdown(app, _CLOSE_SECONDS),
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
        http=bounded_connections(_limits(settings, proxies)),
    )


def _limits(settings: Settings, proxies: TrustedProxies) -> ConnectionLimits:
    return ConnectionLimits(
        settings.request_seconds,
        settings.response_seconds,
        ConnectionCounter(settings.connections_per_address, proxies),
        RefusalLog(settings.logged_refusals_per_minute),
    )


@contextlib.asynccontextmanager
async def _watched_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        yield runtime

"""The API process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import uvicorn

from api.app import create_app
from api.cut_off import answered_when_cut_off
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from engine.steady_heap import keep_heap_steady
from engine.watchdog import watched_loop

__all__ = ["run_api"]

_STOP_SECONDS = 5


def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are answered first, or refused after five seconds."""
    uvicorn.run(
        answered_when_cut_off(create_app(_watched_runtime(settings))),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )


@contextlib.asynccontextmanager
async def _watched_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        keep_heap_steady()
        yield runtime

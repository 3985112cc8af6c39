"""The API process."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from api.cut_off import answered_when_cut_off
from engine.runtime import open_runtime
from engine.settings import Settings

__all__ = ["run_api"]

_STOP_SECONDS = 5


def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are answered first, or refused after five seconds."""
    uvicorn.run(
        answered_when_cut_off(create_app(open_runtime(settings))),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )

"""Whether the process lives, whether it can serve, and its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.registry import Collector
from pymongo.errors import PyMongoError

from engine.runtime import Runtime
from workflows.dispatch import CHECKPOINT
from workflows.reconcile import APPLIED

__all__ = ["live", "metrics", "ready"]

CHECK_SECONDS = 1.0


@get("/health/live", summary="The process lives", tags=["Health"])
async def live() -> dict[str, str]:
    """Depends on nothing."""
    return {"status": "ok"}


@get("/health/ready", summary="MongoDB has a primary and Redis answers", tags=["Health"])
async def ready(runtime: Runtime) -> Response[dict[str, object]]:
    """503 while either is down; each check takes a second at most."""
    mongodb, redis = await asyncio.gather(_has_primary(runtime), _redis_answers(runtime))
    checks = {"mongodb": "ok" if mongodb else "fail", "redis": "ok" if redis else "fail"}
    good = mongodb and redis
    return Response({"status": "ok" if good else "fail", "checks": checks}, status_code=200 if good else 503)


@get("/metrics", summary="Figures for Prometheus", tags=["Health"], media_type="text/plain")
async def metrics(runtime: Runtime) -> Response[bytes]:
    """Positions and lags of the pipeline, and what waits in this process."""
    last = await runtime.events.last_position()
    dispatched = await runtime.checkpoints.position(CHECKPOINT)
    applied = await runtime.checkpoints.position(APPLIED)
    registry = CollectorRegistry(auto_describe=True)
    registry.register(
        _Figures(
            {
                "lead_engine_events_stored": ("Position of the newest event.", last),
                "lead_engine_dispatch_lag_events": (
                    "Events the dispatcher has not seen yet.",
                    last - dispatched,
                ),
                "lead_engine_applied_mark_lag_events": (
                    "Events after the reconciler's mark.",
                    last - applied,
                ),
                "lead_engine_append_queue_events": (
                    "Events waiting for a group commit in this process.",
                    runtime.appender.waiting_events,
                ),
            }
        )
    )
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, figures: dict[str, tuple[str, int]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, value) in self._figures.items():
            yield GaugeMetricFamily(name, meaning, value=value)


async def _has_primary(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            hello = await runtime.client.admin.command("hello")
    except (PyMongoError, TimeoutError):
        return False
    return bool(hello.get("isWritablePrimary"))


async def _redis_answers(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await runtime.doorbell.answers()
    except TimeoutError:
        return False

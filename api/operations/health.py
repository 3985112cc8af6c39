"""Health checks and the metrics of the pipeline for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from api.access.authenticator import REFUSALS, AuthContext
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.operations.background_figures import read_background_figures
from api.operations.readiness import Readiness
from domain.capture.formats import READERS
from engine.sources.bundle import CaptureOutcome
from workflows.operations.pipeline_lag import read_pipeline_lag

__all__ = ["live", "metrics", "ready"]

METRICS_TYPE = CONTENT_TYPE_LATEST.partition("; charset")[0]
"""Litestar adds the charset."""

_MOST_CHANGES = 10_000

Check = Literal["ok", "fail"]


class ReadinessView(Struct, frozen=True):
    """Whether requests can be served, and which dependency fails."""

    status: Check
    checks: dict[str, Check]


@get("/health/live", summary="The process lives", tags=["Health"])
async def live() -> dict[str, str]:
    """Depends on nothing."""
    return {"status": "ok"}


@get(
    "/health/ready",
    summary="MongoDB has a primary and Redis answers",
    tags=["Health"],
    responses={503: ResponseSpec(ReadinessView, description="One of them is down", generate_examples=False)},
)
async def ready(request: HttpRequest) -> Response[ReadinessView]:
    """503 while either is down. The result may be half a second old; a check takes a second at most."""
    readiness: Readiness = request.app.state.readiness
    mongodb, redis = await readiness.check()
    good = mongodb and redis
    answer = ReadinessView(_check(good), {"mongodb": _check(mongodb), "redis": _check(redis)})
    return Response(answer, status_code=200 if good else 503)


@get(
    "/metrics",
    summary="Figures for Prometheus",
    tags=["Health"],
    media_type="text/plain",
    responses=problems(503),
)
async def metrics(runtime: RuntimeDep, request: HttpRequest) -> Response[bytes]:
    """Positions and lags of the pipeline, and the queued events and refused requests of this process."""
    lag = await read_pipeline_lag(runtime)
    registry = CollectorRegistry(auto_describe=True)
    registry.register(
        _Figures(
            {
                "lead_engine_events_stored": ("Position of the newest event.", lag.position),
                "lead_engine_dispatch_lag_events": (
                    "Events after the dispatcher's checkpoint.",
                    lag.dispatched.events,
                ),
                "lead_engine_dispatch_lag_seconds": (
                    "Time since the first of them was received.",
                    lag.dispatched.seconds,
                ),
                "lead_engine_apply_lag_events": (
                    "Events that no worker has applied yet; those of quarantined leads until the reconciler has passed them.",
                    lag.applied.events,
                ),
                "lead_engine_apply_lag_seconds": (
                    "Time since the event at that position of the log was received.",
                    lag.applied.seconds,
                ),
                "lead_engine_applied_mark_lag_events": (
                    "Events after the reconciler's mark.",
                    lag.reconciled.events,
                ),
                "lead_engine_name_index_lag_events": (
                    "Events whose names cannot be searched for yet.",
                    lag.names.events,
                ),
                "lead_engine_append_queue_events": (
                    "Events waiting for a group commit in this process.",
                    runtime.capture.appender.waiting_events,
                ),
                "lead_engine_account_changes_waiting": (
                    "Changes of leads that the list of accounts does not show yet; counting stops at 10,000.",
                    await runtime.accounts.changes.count(_MOST_CHANGES),
                ),
            }
        )
    )
    auth: AuthContext = request.app.state.auth
    registry.register(_Refused(auth.refused))
    registry.register(_Captured(runtime.sources.captured))
    registry.register(await read_background_figures(runtime))
    return Response(generate_latest(registry), media_type=METRICS_TYPE)


class _Figures(Collector):
    def __init__(self, figures: dict[str, tuple[str, float]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, value) in self._figures.items():
            yield GaugeMetricFamily(name, meaning, value=value)


class _Refused(Collector):
    def __init__(self, refused: Mapping[str, int]) -> None:
        self._refused = refused

    def collect(self) -> Iterator[CounterMetricFamily]:
        meaning = "Requests refused by this process, by reason."
        family = CounterMetricFamily("lead_engine_refused_requests", meaning, labels=["reason"])
        for reason in REFUSALS:
            family.add_metric([reason], self._refused.get(reason, 0))
        yield family


class _Captured(Collector):
    def __init__(self, captured: Mapping[tuple[str, CaptureOutcome], int]) -> None:
        self._captured = captured

    def collect(self) -> Iterator[CounterMetricFamily]:
        meaning = "Messages of sources that this process has answered, by wire format and outcome."
        family = CounterMetricFamily("lead_engine_source_messages", meaning, labels=["format", "outcome"])
        for wire_format in READERS:
            for outcome in get_args(CaptureOutcome):
                family.add_metric([wire_format, outcome], self._captured.get((wire_format, outcome), 0))
        yield family


def _check(good: bool) -> Check:
    return "ok" if good else "fail"

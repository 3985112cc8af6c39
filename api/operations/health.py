"""Health checks and the metrics of the pipeline for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from api.operations.prediction_figures import PredictionFigures
from api.operations.readiness import Readiness
from domain.capture.formats import READERS
from domain.hooks.providers import PROVIDERS
from engine.forms.bundle import FormOutcome
from engine.hooks.bundle import HookOutcome
from engine.runtime import Runtime
from engine.sources.bundle import CaptureOutcome
from workflows.dispatch.groups import count_groups_without_dispatcher
from workflows.operations.pipeline_lag import read_pipeline_lag
from workflows.prediction.drift import read_drifts

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
                "lead_engine_events_stored": ("Position of the newest event.", lag.end.events),
                "lead_engine_dispatch_lag_events": (
                    "Events after the dispatcher's checkpoint.",
                    lag.dispatched.events,
                ),
                "lead_engine_dispatch_lag_seconds": (
                    "Time since the first of them was received.",
                    lag.dispatched.seconds,
                ),
                "lead_engine_dispatch_groups_unheld": (
                    "Groups of partitions that no dispatcher has; of a log of one partition 1 if there is none.",
                    await count_groups_without_dispatcher(runtime),
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
                "lead_engine_analytics_lag_events": (
                    "Events that the analytics of messages do not count yet.",
                    lag.results.events,
                ),
                "lead_engine_reply_search_lag_events": (
                    "Events that were not looked at yet for replies to read.",
                    lag.replies.events,
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
    for counts in _counts(runtime, auth.refused):
        registry.register(counts)
    registry.register(await read_background_figures(runtime))
    registry.register(PredictionFigures(await read_drifts(runtime)))
    return Response(generate_latest(registry), media_type=METRICS_TYPE)


class _Figures(Collector):
    def __init__(self, figures: dict[str, tuple[str, float]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, value) in self._figures.items():
            yield GaugeMetricFamily(name, meaning, value=value)


class _Counts(Collector):
    """Counts of this process by labels; those that are 0 are shown too."""

    def __init__(
        self, name: str, meaning: str, labels: Sequence[str], counts: Mapping[tuple[str, ...], int]
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = labels
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, number in self._counts.items():
            family.add_metric(values, number)
        yield family


def _counts(runtime: Runtime, refused: Mapping[str, int]) -> Iterator[_Counts]:
    yield _Counts(
        "lead_engine_refused_requests",
        "Requests refused by this process, by reason.",
        ["reason"],
        {(reason,): refused.get(reason, 0) for reason in REFUSALS},
    )
    yield _Counts(
        "lead_engine_source_messages",
        "Messages of sources that this process has answered, by wire format and outcome.",
        ["format", "outcome"],
        {
            (one, outcome): runtime.sources.captured[one, outcome]
            for one in READERS
            for outcome in get_args(CaptureOutcome)
        },
    )
    yield _Counts(
        "lead_engine_form_submissions",
        "Submissions of forms that this process has answered, by outcome.",
        ["outcome"],
        {(outcome,): runtime.forms.submitted[outcome] for outcome in get_args(FormOutcome)},
    )
    yield _Counts(
        "lead_engine_hook_events",
        "Events in webhooks of providers that this process was sent, and requests with a wrong signature.",
        ["provider", "outcome"],
        {
            (one, outcome): runtime.hooks.received[one, outcome]
            for one in PROVIDERS
            for outcome in get_args(HookOutcome)
        },
    )


def _check(good: bool) -> Check:
    return "ok" if good else "fail"

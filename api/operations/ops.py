"""GET /api/ops: the state of the whole engine as one document, for a screen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from litestar import get
from litestar.datastructures import State

from api.http.long_responses import LongResponses
from api.http.problems import problems
from api.http.view import View, optional_datetime
from api.operations.readiness import Readiness
from api.prediction.drift_view import DriftView, drift_view
from domain.instant import to_datetime
from engine.runtime import Runtime
from engine.work.listing import Depth
from workflows.operations.figures import read_figures
from workflows.operations.pipeline_lag import LagFigures

__all__ = ["get_ops"]


class LagView(View, frozen=True):
    """Events that a part is behind, and seconds since the first of them was received."""

    events: int
    seconds: float


class RateView(View, frozen=True):
    """Events that were received within the last minutes."""

    minutes: int
    events: int


class LoopStateView(View, frozen=True):
    """A background loop; `secondsAgo` is when it last completed a pass, null if it never has."""

    name: str
    status: Literal["ok", "late"]
    seconds_ago: float | None


class DeadLettersView(View, frozen=True):
    """Leads that cannot be folded, counted up to 10,000: `retrying` will be tried again by itself."""

    quarantined: int
    retrying: int


class WorkView(View, frozen=True):
    """Due work of one kind: units by state, those whose time has come, and since when the first of them waits."""

    kind: str
    states: dict[str, int]
    due: int
    oldest_due_at: datetime | None


class ProcessView(View, frozen=True):
    """What only the API process that answers knows."""

    append_queue_events: int
    open_streams: int
    mongodb: Literal["ok", "fail"]
    redis: Literal["ok", "fail"]


class OpsView(View, frozen=True):
    """The engine at one moment. `dispatch` is how far the queue is behind the log, `apply` how far the scores are.

    `nameIndex` is how far the search by name is, `replies` how far the log was looked through for replies to read; those
    that wait to be read are `work` of the kind `reply`. `prediction` is how far active models are from what happens.
    """

    at: datetime
    position: int
    rulebook: str
    dispatch: LagView
    apply: LagView
    name_index: LagView
    replies: LagView
    received: list[RateView]
    loops: list[LoopStateView]
    dead_letters: DeadLettersView
    work: list[WorkView]
    prediction: list[DriftView]
    process: ProcessView


@get("/api/ops", summary="The state of the whole engine", tags=["Health"], responses=problems(400, 503))
async def get_ops(state: State) -> OpsView:
    """Lag, rates, background loops, dead letters, due work, drift of prediction, and figures of the process that answers."""
    runtime: Runtime = state.runtime
    readiness: Readiness = state.readiness
    streams: LongResponses = state.open_streams
    mongodb, redis = await readiness.check()
    found = await read_figures(runtime)
    return OpsView(
        at=to_datetime(found.at),
        position=found.position,
        rulebook=runtime.rulebook.label,
        dispatch=_lag(found.dispatch),
        apply=_lag(found.apply),
        name_index=_lag(found.names),
        replies=_lag(found.replies),
        received=[RateView(minutes=minutes, events=events) for minutes, events in found.received.items()],
        loops=[
            LoopStateView(
                name=loop.name, status="late" if loop.is_late else "ok", seconds_ago=loop.seconds_ago
            )
            for loop in found.loops
        ],
        dead_letters=DeadLettersView(quarantined=found.quarantined, retrying=found.retrying),
        work=[_work(kind, depth) for kind, depth in found.work.items()],
        prediction=[drift_view(goal, drift) for goal, drift in found.drifts.items()],
        process=ProcessView(
            append_queue_events=runtime.capture.appender.waiting_events,
            open_streams=streams.count,
            mongodb="ok" if mongodb else "fail",
            redis="ok" if redis else "fail",
        ),
    )


def _lag(lag: LagFigures) -> LagView:
    return LagView(events=lag.events, seconds=lag.seconds)


def _work(kind: str, depth: Depth) -> WorkView:
    return WorkView(
        kind=kind,
        states=dict(depth.states.items()),
        due=depth.due,
        oldest_due_at=optional_datetime(depth.oldest_due_at),
    )

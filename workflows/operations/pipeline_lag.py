"""Consumer lag of the pipeline: how far the dispatcher, the workers and the reconciler are behind the log."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import SECOND, Millis
from engine.capture.log.event_log import Lag
from engine.runtime import Runtime
from workflows.analytics.project import checkpoint_name
from workflows.dispatch.dispatch import CHECKPOINT
from workflows.dispatch.reconcile import APPLIED
from workflows.identity.index_names import NAMES
from workflows.replies.follow import REPLIES_FOUND

__all__ = ["LagFigures", "PipelineLag", "read_pipeline_lag"]


class LagFigures(Struct, frozen=True):
    """Events that a part is behind, and seconds since the first of them was received."""

    events: int
    seconds: float


class PipelineLag(Struct, frozen=True, kw_only=True):
    """`position` is that of the newest event; `reconciled` is the lag of the reconciler's mark, which is behind `applied`.

    `names` is the lag of the index of names, `results` that of the results of messages, `replies` that of the search for
    replies to read.
    """

    position: int
    dispatched: LagFigures
    applied: LagFigures
    reconciled: LagFigures
    names: LagFigures
    results: LagFigures
    replies: LagFigures


async def read_pipeline_lag(runtime: Runtime) -> PipelineLag:
    """The lags now, from indexed look-ups. Raises what the store raises."""
    log, now = runtime.capture.log, runtime.now()
    last = await log.last_position()
    dispatched = await runtime.store.checkpoints.position(CHECKPOINT)
    mark = await runtime.store.checkpoints.position(APPLIED)
    applied = min(mark + await runtime.leads.history.count_after(mark), last)
    return PipelineLag(
        position=last,
        dispatched=_figures(await log.lag(dispatched, last), now),
        applied=_figures(await log.lag(applied, last), now),
        reconciled=_figures(await log.lag(mark, last), now),
        names=_figures(await log.lag(await runtime.store.checkpoints.position(NAMES), last), now),
        results=_figures(
            await log.lag(await runtime.store.checkpoints.position(checkpoint_name(runtime)), last), now
        ),
        replies=_figures(await log.lag(await runtime.store.checkpoints.position(REPLIES_FOUND), last), now),
    )


def _figures(lag: Lag, now: Millis) -> LagFigures:
    return LagFigures(lag.events, 0.0 if lag.since is None else max(now - lag.since, 0) / SECOND)

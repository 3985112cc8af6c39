"""Consumer lag of the pipeline: how far the dispatcher, the workers and the reconciler are behind the log."""

from __future__ import annotations

from msgspec import Struct

from domain.events.log_cursor import LogCursor
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
    """`end` is the place of the newest events; `reconciled` is the lag of the reconciler's mark, which is behind `applied`.

    `names` is the lag of the index of names, `results` that of the results of messages, `replies` that of the search for
    replies to read.
    """

    end: LogCursor
    dispatched: LagFigures
    applied: LagFigures
    reconciled: LagFigures
    names: LagFigures
    results: LagFigures
    replies: LagFigures


async def read_pipeline_lag(runtime: Runtime) -> PipelineLag:
    """The lags now, from indexed look-ups. Raises what the store raises."""
    log, now = runtime.capture.log, runtime.now()
    end = await log.end()

    async def reached(name: str) -> LogCursor:
        return await runtime.store.checkpoints.cursor(name, log.partitions)

    async def behind(cursor: LogCursor) -> LagFigures:
        return _figures(await log.lag(cursor, end), now)

    mark = await reached(APPLIED)
    return PipelineLag(
        end=end,
        dispatched=await behind(await reached(CHECKPOINT)),
        applied=await behind(mark.further(await runtime.leads.history.count_after(mark), end)),
        reconciled=await behind(mark),
        names=await behind(await reached(NAMES)),
        results=await behind(await reached(checkpoint_name(runtime))),
        replies=await behind(await reached(REPLIES_FOUND)),
    )


def _figures(lag: Lag, now: Millis) -> LagFigures:
    return LagFigures(lag.events, 0.0 if lag.since is None else max(now - lag.since, 0) / SECOND)

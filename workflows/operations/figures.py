"""The figures of the whole engine at one moment: lag, rates, loops, dead letters, due work."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import MINUTE, Millis
from domain.prediction.drift import Drift
from engine.runtime import Runtime
from engine.work.listing import Depth, depth_of
from workflows.operations.background_loops import LoopState, loop_states
from workflows.operations.pipeline_lag import LagFigures, read_pipeline_lag
from workflows.prediction.drift import read_drifts

__all__ = ["MAX_COUNTED", "RATE_MINUTES", "EngineFigures", "read_figures"]

RATE_MINUTES = (1, 5, 15)
MAX_COUNTED = 10_000
"""Dead letters that are counted at most."""


class EngineFigures(Struct, frozen=True, kw_only=True):
    """`received` are the events of the last minutes, by how many minutes."""

    at: Millis
    position: int
    dispatch: LagFigures
    apply: LagFigures
    names: LagFigures
    replies: LagFigures
    received: dict[int, int]
    loops: list[LoopState]
    quarantined: int
    retrying: int
    work: dict[str, Depth]
    drifts: dict[str, Drift]


async def read_figures(runtime: Runtime) -> EngineFigures:
    """The figures now, from indexed look-ups whose number does not grow with the store. Raises what the store raises."""
    now, log, letters = runtime.now(), runtime.capture.log, runtime.operations.dead_letters
    lag = await read_pipeline_lag(runtime)
    return EngineFigures(
        at=now,
        position=lag.end.events,
        dispatch=lag.dispatched,
        apply=lag.applied,
        names=lag.names,
        replies=lag.replies,
        received={
            minutes: (await log.place_before(now - minutes * MINUTE, lag.end)).events_until(lag.end)
            for minutes in RATE_MINUTES
        },
        loops=await loop_states(runtime),
        quarantined=await letters.count("quarantined", MAX_COUNTED),
        retrying=await letters.count("retrying", MAX_COUNTED),
        work={kind: await depth_of(store, now) for kind, store in runtime.work.stores.items()},
        drifts=await read_drifts(runtime),
    )

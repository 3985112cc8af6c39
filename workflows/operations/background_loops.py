"""The background loops that a whole engine runs, and how long each may take until it counts as late."""

from __future__ import annotations

from msgspec import Struct

from engine.runtime import Runtime

__all__ = [
    "DEAD_WORKERS",
    "MAX_SECONDS",
    "REBUILD",
    "RECONCILE",
    "LoopState",
    "due_work_loop",
    "loop_states",
]

RECONCILE = "reconcile"
DEAD_WORKERS = "dead_workers"
REBUILD = "rebuild_outdated"

MAX_SECONDS = {RECONCILE: 120.0, DEAD_WORKERS: 30.0, REBUILD: 900.0}
"""How long one run of a job of the scheduler may take. One that takes longer hangs: it is abandoned and runs again."""

_DUE_WORK_SECONDS = 30.0
_STANDBY_SECONDS = 30.0
"""Time for a standby to take over, on top."""


class LoopState(Struct, frozen=True, kw_only=True):
    """A loop, how many seconds ago it completed a pass (None: never), and whether that is too long."""

    name: str
    seconds_ago: float | None
    is_late: bool


def due_work_loop(kind: str) -> str:
    """The name of the loops that work a kind of due work."""
    return f"due_work:{kind}"


async def loop_states(runtime: Runtime) -> list[LoopState]:
    """Every loop that must run. Raises what the store raises."""
    ages = await runtime.operations.loops.ages()
    limits = {due_work_loop(kind): _DUE_WORK_SECONDS for kind in runtime.work.stores}
    limits |= {name: seconds + _STANDBY_SECONDS for name, seconds in MAX_SECONDS.items()}
    limits[RECONCILE] += runtime.settings.reconcile_seconds
    return [
        LoopState(name=name, seconds_ago=ages.get(name), is_late=ages.get(name, limit) >= limit)
        for name, limit in limits.items()
    ]

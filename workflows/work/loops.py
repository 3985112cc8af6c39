"""Runs the work loops of a worker process: one per kind of due work."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial

from engine.runtime import Runtime
from engine.work.loop import WorkLoop
from workflows.operations.background_loops import due_work_loop
from workflows.work.kinds import work_kinds

__all__ = ["drain", "running_work_loops"]


@contextlib.asynccontextmanager
async def running_work_loops(runtime: Runtime) -> AsyncIterator[None]:
    """Work all kinds in the background while the context is open."""
    async with contextlib.AsyncExitStack() as running:
        for kind in work_kinds(runtime):
            loop = WorkLoop(
                kind,
                runtime.now,
                poll_seconds=runtime.settings.work_poll_seconds,
                on_pass=partial(runtime.operations.loops.completed, due_work_loop(kind.name)),
            )
            await running.enter_async_context(loop.running())
            running.enter_context(runtime.work.wake_ups.registered(kind.name, loop.wake))
        yield


async def drain(runtime: Runtime) -> int:
    """Attempt whatever is due, of all kinds, until nothing is. Returns the number of attempts."""
    attempts = 0
    while begun := sum([await WorkLoop(kind, runtime.now).drain() for kind in work_kinds(runtime)]):
        attempts += begun
    return attempts

"""Runs the work loops of a worker process: one per kind of due work."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from engine.runtime import Runtime
from engine.work.kind import WorkKind
from engine.work.loop import WorkLoop
from workflows.operations.background_loops import due_work_loop
from workflows.work.kinds import work_kinds

__all__ = ["drain", "running_work_loops"]


@contextlib.asynccontextmanager
async def running_work_loops(runtime: Runtime) -> AsyncIterator[None]:
    """Work all kinds in the background while the context is open."""
    async with contextlib.AsyncExitStack() as running:
        for kind in work_kinds(runtime):
            await running.enter_async_context(_running(runtime, kind))
        yield


@contextlib.asynccontextmanager
async def _running(runtime: Runtime, kind: WorkKind[Any]) -> AsyncIterator[None]:
    async def completed() -> None:
        await runtime.operations.loops.completed(due_work_loop(kind.name), loop.settled)

    loop = WorkLoop(kind, runtime.now, poll_seconds=runtime.settings.work_poll_seconds, on_pass=completed)
    async with loop.running():
        with runtime.work.wake_ups.registered(kind.name, loop.wake):
            yield


async def drain(runtime: Runtime) -> int:
    """Attempt whatever is due, of all kinds, until nothing is. Returns the number of attempts."""
    attempts = 0
    while begun := sum([await WorkLoop(kind, runtime.now).drain() for kind in work_kinds(runtime)]):
        attempts += begun
    return attempts

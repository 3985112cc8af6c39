"""Ending a task of our own without losing a cancellation that is meant for us."""

from __future__ import annotations

import asyncio

__all__ = ["end"]

_PATIENCE_SECONDS = 1.5


async def end(task: asyncio.Task[None]) -> None:
    """Cancel the task and wait until it has ended. Raises what it failed with, but not its cancellation.

    A library may lose a cancellation that comes in an unlucky moment, so it is repeated until the task has ended.
    `await task` with `CancelledError` suppressed would also swallow our own cancellation while we wait.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
    if not task.cancelled():
        task.result()

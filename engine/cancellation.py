"""Ending a task of our own without losing a cancellation that is meant for us."""

from __future__ import annotations

import asyncio

__all__ = ["end"]


async def end(task: asyncio.Task[None]) -> None:
    """Cancel the task and wait until it has ended. Raises what it failed with, but not its cancellation.

    `await task` with `CancelledError` suppressed would also swallow our own cancellation while we wait.
    """
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()

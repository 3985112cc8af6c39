"""Ending tasks of our own without losing a cancellation, ours or theirs.

On Python 3.11 `asyncio.wait_for` drops a cancellation that arrives in the moment in which what it waits for is done,
and PyMongo sends every message through it. So one `cancel` may not end a task that talks to MongoDB.
"""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["cancel_and_wait", "raise_if_cancelled"]

_PATIENCE_SECONDS = 1.5


def raise_if_cancelled() -> None:
    """Raise the cancellation of the current task that a library dropped. Loops without an end call it every turn."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait until it has ended. Raises what it failed with, but not its cancellation.

    The cancellation is repeated until the task has ended, in case that it was dropped on the way.
    `await task` with `CancelledError` suppressed would also swallow our own cancellation while we wait.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
    if not task.cancelled():
        task.result()

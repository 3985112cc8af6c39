"""Cancellation of asyncio tasks that is never lost, neither ours nor theirs.

On Python 3.11 `asyncio.wait_for` drops a cancellation that arrives in the moment in which what it waits for is done,
and PyMongo sends every message through it. So one `cancel` may not end a task that talks to MongoDB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["cancel_and_wait", "raise_if_cancelled", "within"]

T = TypeVar("T")

_RETRY_SECONDS = 1.5


def raise_if_cancelled() -> None:
    """Raise the cancellation of the current task if a library dropped it. Endless loops call it in every iteration."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait until it has ended. Raises the exception it failed with, but not its cancellation.

    The cancellation is repeated until the task has ended, in case it was dropped.
    `await task` with `CancelledError` suppressed would also swallow our own cancellation while we wait.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_RETRY_SECONDS)
    if not task.cancelled():
        task.result()


async def within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which runs in a task of its own. Raises `TimeoutError` when it has not ended in time.

    It is then cancelled, and abandoned if that does not end it, so that a call that hangs never blocks the caller.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await cancel_and_wait(task)
        raise
    if not task.done():
        task.add_done_callback(_retrieve)
        task.cancel()
        await asyncio.wait({task}, timeout=_RETRY_SECONDS)
        raise TimeoutError
    return task.result()


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Retrieve the exception of an abandoned task, so that asyncio does not log it as never retrieved."""
    if not task.cancelled():
        task.exception()

"""Calls that a process makes after a delay: one per key, and none once it has been closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engine.process.tasks import cancel_and_wait

__all__ = ["DelayedCalls"]


class DelayedCalls:
    """Delayed calls by key. Used on one event loop. What is lost when the process ends must be found otherwise."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def call(self, seconds: float, key: str, body: Callable[[], Awaitable[object]]) -> None:
        """Await `body()` after so many seconds, unless a call with this key waits already."""
        if key in self._waiting:
            return
        task = asyncio.create_task(self._call(seconds, key, body), name=f"delayed {key}")
        self._waiting[key] = task

    async def _call(self, seconds: float, key: str, body: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(seconds)
        del self._waiting[key]
        await body()

    async def close(self) -> None:
        """Forget all calls that wait."""
        for task in list(self._waiting.values()):
            await cancel_and_wait(task)
        self._waiting.clear()

"""Prefetching of batches: the next one is read from the database while the caller works on this one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeVar

from engine.process.tasks import cancel_and_wait

__all__ = ["prefetch"]

Item = TypeVar("Item")


async def prefetch(
    next_batch: Callable[[], Coroutine[Any, Any, Item | None]],
) -> AsyncGenerator[Item, None]:
    """The batches that `next_batch` returns, until it returns None or an empty one. At most one is read ahead.

    Close it (`aclosing`) where the loop over it may end early, or the read that has begun goes on for a while.
    """
    reading = asyncio.create_task(next_batch())
    try:
        while batch := await reading:
            reading = asyncio.create_task(next_batch())
            await asyncio.sleep(0)  # so that the query is sent before the caller is busy
            yield batch
    finally:
        await cancel_and_wait(reading)

"""Batches concurrent look-ups (the DataLoader pattern): callers that arrive while a query runs share the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["BatchLoader"]

V = TypeVar("V")


@dataclass(eq=False)
class _Batch(Generic[V]):
    """The keys of one query, the callers that wait for it, and its result."""

    keys: set[str] = field(default_factory=set)
    callers: int = 0
    result: asyncio.Future[dict[str, V]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class BatchLoader(Generic[V]):
    """Runs one query at a time. No result is older than the call that it goes to.

    A batch has `max_keys`, unless a single caller wants more. One that every caller has given up is not queried. Queries
    begin at least `min_interval_seconds` after each other.
    """

    def __init__(
        self,
        query: Callable[[set[str]], Awaitable[dict[str, V]]],
        *,
        max_keys: int,
        min_interval_seconds: float = 0.0,
    ) -> None:
        self._query = query
        self._max_keys = max_keys
        self._min_interval_seconds = min_interval_seconds
        self._next_at = 0.0
        self._waiting: deque[_Batch[V]] = deque()
        self._loading: asyncio.Task[None] | None = None

    async def load(self, keys: Collection[str]) -> dict[str, V]:
        """The values of these keys, and of those that others load at the same time. Raises what the query raises."""
        batch = self._batch_for(len(keys))
        batch.keys.update(keys)
        batch.callers += 1
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_all(), name="batch loader")
        try:
            return await asyncio.shield(batch.result)
        finally:
            batch.callers -= 1
            if not batch.callers and batch in self._waiting:
                self._waiting.remove(batch)

    def _batch_for(self, keys: int) -> _Batch[V]:
        """The last waiting batch, or a new one when that has no room for so many further keys."""
        if not self._waiting or len(self._waiting[-1].keys) + keys > self._max_keys:
            self._waiting.append(_Batch())
            self._waiting[-1].result.add_done_callback(_retrieve)
        return self._waiting[-1]

    async def _load_all(self) -> None:
        try:
            while self._waiting:
                await self._until_next()
                if self._waiting:
                    await self._load(self._waiting.popleft())
        finally:
            self._loading = None

    async def _until_next(self) -> None:
        clock = asyncio.get_running_loop()
        if (pause := self._next_at - clock.time()) > 0:
            await asyncio.sleep(pause)
        self._next_at = clock.time() + self._min_interval_seconds

    async def _load(self, batch: _Batch[V]) -> None:
        try:
            batch.result.set_result(await self._query(batch.keys))
        except asyncio.CancelledError:
            batch.result.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for the callers
            batch.result.set_exception(error)


def _retrieve(result: asyncio.Future[dict[str, V]]) -> None:
    """Retrieve an error that no caller waits for any more, or asyncio logs it."""
    if not result.cancelled():
        result.exception()

"""Per-lead locks in one worker process: at most one holder and one waiter per lead; further messages are redundant.

A holder reads all that is stored when it begins, so it does the work of every message that came before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self

__all__ = ["Claim", "LeadLocks"]


class LeadLocks:
    """Coalescing locks: two folds of a lead at once would only conflict, and a third message has nothing left to do.

    Between processes the compare-and-set on the applied position decides. Used on one event loop.
    """

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._awaited: set[str] = set()
        self._released = asyncio.Event()

    def claim(self, lead_ids: Iterable[str]) -> Claim:
        """Wait for those of the leads that no other message waits for; that one does the work for all."""
        return Claim(self, lead_ids)

    def enqueue(self, lead_ids: Iterable[str]) -> set[str]:
        """Become the waiter of leads; returns those that have no other waiter."""
        new = set(lead_ids) - self._awaited
        self._awaited |= new
        return new

    def withdraw(self, lead_ids: Iterable[str]) -> None:
        """Stop waiting for leads."""
        self._awaited.difference_update(lead_ids)

    async def acquire(self, awaited: set[str]) -> list[str]:
        """Lock those of the leads that are free, as soon as any is."""
        while not (free := awaited - self._held):
            self._released.clear()
            await self._released.wait()
        self._held |= free
        self._awaited -= free
        return sorted(free)

    def release(self, lead_ids: Iterable[str]) -> None:
        """Unlock leads."""
        self._held.difference_update(lead_ids)
        self._released.set()


class Claim:
    """The leads that one message still has to process.

    with locks.claim(lead_ids) as claim:
        while claim.lead_ids:
            async with claim.acquire() as free:
                ...
    """

    def __init__(self, locks: LeadLocks, lead_ids: Iterable[str]) -> None:
        self._locks = locks
        self.lead_ids = locks.enqueue(lead_ids)
        """The leads that it waits for."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locks.withdraw(self.lead_ids)

    def add(self, lead_ids: Iterable[str]) -> None:
        """Process these leads, too, unless another message waits for them."""
        self.lead_ids |= self._locks.enqueue(lead_ids)

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[list[str]]:
        """Hold those of the leads that are free, as soon as any is; they are no longer waited for."""
        free = await self._locks.acquire(self.lead_ids)
        self.lead_ids.difference_update(free)
        try:
            yield free
        finally:
            self._locks.release(free)

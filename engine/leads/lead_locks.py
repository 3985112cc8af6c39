"""Whose turn it is: within one process a lead is folded by one message at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

__all__ = ["LeadLocks"]


class LeadLocks:
    """Lets messages wait for leads that another message is folding; two at once would only fold in vain.

    Whoever begins reads all that is stored by then. So one waiter a lead is enough: further messages for it leave it
    to that one. Between processes the applied position decides, as ever. Used on one event loop.
    """

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        self._waited_for: set[str] = set()
        self._freed = asyncio.Event()

    def join(self, lead_ids: Iterable[str]) -> set[str]:
        """Wait for these leads. Returns those that nobody waits for yet; the others are in good hands."""
        joined = set(lead_ids) - self._waited_for
        self._waited_for |= joined
        return joined

    async def begin(self, waiting: set[str]) -> list[str]:
        """Take those of the leads that are free, as soon as any is. They are the caller's until `end`."""
        while not (free := waiting - self._under_way):
            self._freed.clear()
            await self._freed.wait()
        self._under_way |= free
        self._waited_for -= free
        return sorted(free)

    def end(self, lead_ids: Iterable[str]) -> None:
        """Give leads back."""
        self._under_way.difference_update(lead_ids)
        self._freed.set()

    def leave(self, waiting: set[str]) -> None:
        """Wait no longer for these leads."""
        self._waited_for -= waiting

"""Owners of identifiers that this process has met, so that those it meets again cost no query.

A claim never moves, and only an erasure removes it. Each removal raises a number in the database, in one transaction with
it; that number is read once a second while events come in, and when it has changed, everything is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

__all__ = ["FRESH_SECONDS", "MAX_KNOWN", "KnownOwners"]

V = TypeVar("V")

FRESH_SECONDS = 1.0
"""How long a process may go on without knowing of an erasure by another one."""
MAX_KNOWN = 20_000
"""Identifiers; about 6 MB."""


class KnownOwners(Generic[V]):
    """Values by key, the oldest forgotten first. `removals` reads how often anything was removed, `load` the values."""

    def __init__(
        self,
        removals: Callable[[], Awaitable[int]],
        load: Callable[[Collection[str]], Awaitable[Mapping[str, V]]],
    ) -> None:
        self._removals = removals
        self._load = load
        self._seen = -1
        self._fresh_until = 0.0
        self._lock = asyncio.Lock()
        self._known: dict[str, V] = {}

    async def of(self, keys: Collection[str]) -> dict[str, V]:
        """The values of these keys, as far as there are any. Raises what reading them raises."""
        if asyncio.get_running_loop().time() >= self._fresh_until:
            await self._refresh()
        known = self._known
        found = {key: known[key] for key in keys if key in known}
        if len(found) < len(keys):
            seen = self._seen
            loaded = await self._load([key for key in keys if key not in found])
            new = {key: loaded[key] for key in keys if key in loaded}
            found |= new
            if seen == self._seen:  # else it may be from before a removal
                self._remember(new)
        return found

    def forget(self) -> None:
        """Forget everything, and look for removals before the next answer."""
        self._known.clear()
        self._seen, self._fresh_until = -1, 0.0

    async def _refresh(self) -> None:
        clock = asyncio.get_running_loop()
        async with self._lock:
            if (began := clock.time()) < self._fresh_until:
                return
            removals = await self._removals()
            if removals != self._seen:
                self._known.clear()
                self._seen = removals
            self._fresh_until = began + FRESH_SECONDS

    def _remember(self, new: Mapping[str, V]) -> None:
        self._known |= new
        while len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

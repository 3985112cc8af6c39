"""Work in parts that several processes share: a lease per part, spread evenly over the processes that offer to do it.

Each process has a lease of its own too, by which the others count it. Who has more than its share gives parts back, and who
has less takes free ones; the parts of a process that ends or falls silent are free when its leases are.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from functools import partial

from pymongo.errors import PyMongoError

from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.store.leases import Leases

__all__ = ["SharedWork"]

_log = logging.getLogger(__name__)


class SharedWork:
    """The parts 0 ... n - 1 of a work, of which this process does those whose leases it holds: `name:0`, `name:1` ..."""

    def __init__(
        self, leases: Leases, name: str, parts: int, work: Callable[[int], Coroutine[None, None, None]]
    ) -> None:
        self._leases = leases
        self._name = name
        self._parts = parts
        self._work = work
        self._running: dict[int, asyncio.Task[None]] = {}

    @property
    def parts(self) -> set[int]:
        """The parts that this process does now."""
        return set(self._running)

    async def run(self) -> None:
        """Do our share, for ever. Raises what a part raises."""
        try:
            while True:
                raise_if_cancelled()
                try:
                    await self._balance()
                except (PyMongoError, TimeoutError) as error:
                    _log.warning("The parts of '%s' are shared as before: %s", self._name, error)
                await self._until_lost_or_pause()
        finally:
            parts, self._running = list(self._running.values()), {}
            await asyncio.gather(*map(cancel_and_wait, parts), return_exceptions=True)
            with contextlib.suppress(PyMongoError):
                await self._leases.leave(self._members)

    @property
    def _members(self) -> str:
        return f"{self._name}/"

    async def _balance(self) -> None:
        """Come to our share: the parts divided by the processes, rounded up."""
        await self._leases.join(self._members)
        processes = max(await self._leases.count_holders(self._members), 1)
        share = -(-self._parts // processes)
        for part in sorted(self._running)[share:]:
            await self._stop(part)
        for part in range(self._parts):
            if len(self._running) >= share:
                break
            if part not in self._running and await self._leases.try_to_take(self._lease(part)):
                held = self._leases.run_while_held(self._lease(part), partial(self._work, part))
                self._running[part] = asyncio.create_task(held, name=self._lease(part))

    def _lease(self, part: int) -> str:
        return f"{self._name}:{part}"

    async def _until_lost_or_pause(self) -> None:
        """Return after a pause, or when a part has ended because its lease was lost. Raises what it has raised."""
        if self._running:
            await asyncio.wait(
                self._running.values(),
                timeout=self._leases.pause,
                return_when=asyncio.FIRST_COMPLETED,
            )
        else:
            await asyncio.sleep(self._leases.pause)
        for part, task in list(self._running.items()):
            if task.done():
                del self._running[part]
                await task
                _log.warning("Lost the lease '%s'.", self._lease(part))

    async def _stop(self, part: int) -> None:
        await cancel_and_wait(self._running.pop(part))

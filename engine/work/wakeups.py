"""Wake-ups of work loops: the loop in this process if there is one, else one in a worker, by a message.

A wake-up is a hint: every loop polls too, so a lost one costs the poll interval.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from engine.queue.work_queue import WorkQueue

__all__ = ["WorkWakeUps"]


class WorkWakeUps:
    """Announces the kinds that have new due units. Loops of this process register here."""

    def __init__(self, work_queue: WorkQueue) -> None:
        self._work_queue = work_queue
        self._loops: dict[str, Callable[[], None]] = {}

    @contextlib.contextmanager
    def registered(self, kind: str, wake: Callable[[], None]) -> Iterator[None]:
        """Wake the loop of this kind by `wake` while the context is open."""
        self._loops[kind] = wake
        try:
            yield
        finally:
            del self._loops[kind]

    def wake_here(self, kind: str) -> bool:
        """Wake the loop of this process. False if it has none."""
        wake = self._loops.get(kind)
        if wake is not None:
            wake()
        return wake is not None

    async def announce(self, kind: str) -> None:
        """Announce that units of this kind were stored that are due now. Never raises: loops find them anyway."""
        if not self.wake_here(kind):
            await self._work_queue.try_enqueue_due(kind)

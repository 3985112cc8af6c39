"""The pace of a long pass: it rests after each batch while leads with new events wait, so that live work comes first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from domain.errors import Unavailable
from engine.queue.broker import LEADS
from engine.queue.work_queue import WorkQueue

__all__ = ["Pace", "leads_wait"]

_MAX_REST_SECONDS = 60.0
"""Shorter than the lease of a share."""
_LOOK_SECONDS = 1.0
"""In a rest, until it is looked whether live work still waits."""


class Pace:
    """Works `busy_percent` of its time while `is_busy` says that live work waits, else without a rest."""

    def __init__(
        self,
        busy_percent: int,
        is_busy: Callable[[], Awaitable[bool]],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rest_per_work = 100 / busy_percent - 1
        self._is_busy, self._clock, self._sleep = is_busy, clock, sleep
        self._since = clock()

    async def batch_done(self) -> None:
        """A batch is done, which began when this was last called: rest for it, if live work waits."""
        rest = min((self._clock() - self._since) * self._rest_per_work, _MAX_REST_SECONDS)
        while rest > 0 and await self._is_busy():
            await self._sleep(min(rest, _LOOK_SECONDS))
            rest -= _LOOK_SECONDS
        self._since = self._clock()


async def leads_wait(work_queue: WorkQueue) -> bool:
    """Whether leads are queued that no worker has fetched; true as well when Redis does not answer."""
    try:
        return await work_queue.waiting_messages(LEADS) > 0
    except Unavailable:
        return True

"""Back-pressure of the rule lab: pauses between its steps, so that live work on the same machine goes first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from engine.queue.broker import LEADS
from engine.runtime import Runtime

__all__ = ["GiveWay"]

_WAIT_SECONDS, _MOST_WAITS = 0.25, 20
"""How long a step waits at most while workers have leads to fold: after that it goes on, so that it ends some day."""
_BUSY_EVENTS_A_SECOND = 100
_REST = 4.0
_MOST_REST_SECONDS = 5.0


class GiveWay:
    """The pauses of one preview.

    While workers have leads to fold, it waits a little. While events come in, it rests four times as long as each step took: what a step takes
    from the ingest, it takes for a fifth of the time.
    """

    def __init__(
        self,
        runtime: Runtime,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._runtime, self._clock, self._sleep = runtime, clock, sleep
        self._events: int | None = None
        """How many there were when it last looked, at `_looked_at`."""
        self._looked_at = self._resumed_at = 0.0

    async def pause(self) -> None:
        """Return when the next step may begin."""
        took = self._clock() - self._resumed_at
        await self._let_workers_fold()
        events, now = (await self._runtime.capture.log.end()).events, self._clock()
        if self._events is not None:
            arrived = events - self._events
            if arrived > _BUSY_EVENTS_A_SECOND * (now - self._looked_at):
                await self._sleep(min(_REST * took, _MOST_REST_SECONDS))
        self._events, self._looked_at, self._resumed_at = events, now, self._clock()

    async def _let_workers_fold(self) -> None:
        for _ in range(_MOST_WAITS):
            if not await self._runtime.work_queue.waiting_messages(LEADS):
                return
            await self._sleep(_WAIT_SECONDS)

"""An event loop without a wall clock: time passes when nothing else is to be done, and then at once."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Coroutine
from typing import Any

__all__ = ["SimulatedLoop"]

MAX_SECONDS = 3600.0
"""Simulated time after which a run is taken for one that never ends."""


class SimulatedLoop(asyncio.AbstractEventLoop):
    """What `asyncio` needs of a loop, and no more. The same calls in the same order give the same run."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle | asyncio.Future[None]]] = []
        self._number = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self.failures: list[str] = []
        """What tasks raised that nobody looked at."""
        self.is_over = False
        """Whether all that is still under way is being cancelled."""

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        """Run to the end of `main`, then cancel whatever else is under way."""
        asyncio._set_running_loop(self)
        try:
            task = self.create_task(main)
            while not task.done():
                self._turn()
                assert self._now < MAX_SECONDS, "this run does not end"
            self.is_over = True
            while left := [other for other in self._tasks if not other.done()]:
                for other in left:
                    other.cancel()
                while self._ready:
                    self._turn()
            return task.result()
        finally:
            asyncio._set_running_loop(None)

    def _turn(self) -> None:
        if self._ready:
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()
            return
        self._now, _, due = heapq.heappop(self._timers)
        if isinstance(due, asyncio.TimerHandle):
            self._ready.append(due)
        elif not due.done():
            due.set_result(None)

    def pause(self, seconds: float) -> asyncio.Future[None]:
        """What to wait for to let time pass: `asyncio.sleep`, at a third of its cost."""
        pausing: asyncio.Future[None] = asyncio.Future(loop=self)
        self._number += 1
        heapq.heappush(self._timers, (self._now + seconds, self._number, pausing))
        return pausing

    # What asyncio calls

    def time(self) -> float:
        return self._now

    def call_soon(self, callback, *args, context=None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(self, delay, callback, *args, context=None) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._number += 1
        heapq.heappush(self._timers, (when, self._number, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.append(task)
        return task

    def call_exception_handler(self, context) -> None:
        if not self.is_over:
            self.failures.append(str(context.get("exception") or context["message"]))

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle) -> None:
        """It is passed over when its time comes."""

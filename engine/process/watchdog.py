"""An event-loop watchdog: a process whose loop is blocked exits, so that its supervisor restarts it.

Such a process looks alive: its port is open, and the messages that it has fetched stay in flight.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
from collections.abc import AsyncIterator

__all__ = ["watched_loop"]

_RESETS = 4
"""How many times per time-out the loop resets the watchdog."""


@contextlib.asynccontextmanager
async def watched_loop(seconds: float) -> AsyncIterator[None]:
    """Exit the process with code 1 when the running loop is blocked for more than `seconds` while the context is open.

    The stacks of all threads are printed to standard error first; nothing is cleaned up, which is safe. The watching
    thread does not need the GIL, so a loop that is stuck in native code is noticed too. The price: when another thread
    moves while its stack is printed, the process may end by SIGSEGV instead of code 1. One loop per process.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None

    def reset() -> None:
        nonlocal timer
        faulthandler.dump_traceback_later(seconds, exit=True)
        timer = loop.call_later(seconds / _RESETS, reset)

    reset()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()
        faulthandler.cancel_dump_traceback_later()

"""Ends a process whose event loop stands still, so that its supervisor starts it again.

Such a process looks alive: its port is open, its lease perhaps renewed elsewhere, its messages are in its hands.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
from collections.abc import AsyncIterator

__all__ = ["watched_loop"]

_TURNS = 4
"""How often the loop says that it turns, within the time that it may stand still."""


@contextlib.asynccontextmanager
async def watched_loop(seconds: float) -> AsyncIterator[None]:
    """While the context is open the running loop may stand still for so many seconds and no longer.

    Then the stacks of all threads go to standard error and the process ends with exit code 1, at once and without
    cleaning up, which is safe. The thread that watches needs no lock of the interpreter: it also notices a loop
    that is stuck in native code. One loop of a process can be watched.
    """
    loop = asyncio.get_running_loop()
    turning: asyncio.TimerHandle | None = None

    def turn() -> None:
        nonlocal turning
        faulthandler.dump_traceback_later(seconds, exit=True)
        turning = loop.call_later(seconds / _TURNS, turn)

    turn()
    try:
        yield
    finally:
        if turning is not None:
            turning.cancel()
        faulthandler.cancel_dump_traceback_later()

"""Signal handling of background processes: SIGTERM and Ctrl-C cancel the work, which then ends cleanly."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine

from engine.process.tasks import cancel_and_wait

__all__ = ["stop_signal", "until_stopped"]


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, on the running event loop."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Run `work` until it ends or the process is stopped; then it is cancelled and awaited."""
    stopped = asyncio.create_task(stop_signal().wait())
    working = asyncio.create_task(work)
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        await cancel_and_wait(working)

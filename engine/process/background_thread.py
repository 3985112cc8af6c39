"""A thread of low priority for long computations, so that the event loop and other processes go first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["BackgroundThread", "open_background_thread"]

_NICENESS = 10
P = ParamSpec("P")
R = TypeVar("R")


class BackgroundThread:
    """Runs functions one after the other, at a nice value of 10 where the system gives threads one of their own (Linux)."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of the function, which must touch nothing that other threads change. Raises what it raises."""

        def call() -> R:
            return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


@contextlib.asynccontextmanager
async def open_background_thread(name: str) -> AsyncIterator[BackgroundThread]:
    """The thread begins with the first function, and ends with the context once that under way is done."""
    executor = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_be_nice)
    try:
        yield BackgroundThread(executor)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _be_nice() -> None:
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)

"""The readiness check: whether MongoDB has a primary and Redis answers, asked once for all who want to know."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from pymongo.errors import PyMongoError

from engine.runtime import Runtime

__all__ = ["CHECK_SECONDS", "Checks", "Readiness"]

CHECK_SECONDS = 1.0
"""Time in which each of the two must answer."""
_GOOD_FOR_SECONDS = 0.5
"""Age up to which a result is given to others."""


class Checks(NamedTuple):
    """The result of one check."""

    mongodb: bool
    redis: bool


class Readiness:
    """One check at a time for all callers, whose number then costs neither service anything."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._running: asyncio.Task[Checks] | None = None
        self._last: Checks | None = None
        self._last_at = 0.0

    async def check(self) -> Checks:
        """The result of a check that ended at most half a second ago, or of the next one to end."""
        if self._last is not None and _now() - self._last_at < _GOOD_FOR_SECONDS:
            return self._last
        if self._running is None:
            self._running = asyncio.create_task(self._check(), name="readiness")
        return await asyncio.shield(self._running)

    def forget(self) -> None:
        """Check again for the next caller."""
        self._last = None

    async def _check(self) -> Checks:
        try:
            self._last = Checks(
                *await asyncio.gather(_has_primary(self._runtime), _redis_answers(self._runtime))
            )
            self._last_at = _now()
            return self._last
        finally:
            self._running = None


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _has_primary(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            hello = await runtime.store.client.admin.command("hello")
    except (PyMongoError, TimeoutError):
        return False
    return bool(hello.get("isWritablePrimary"))


async def _redis_answers(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await runtime.work_queue.answers()
    except TimeoutError:
        return False

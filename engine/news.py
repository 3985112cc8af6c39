"""Tells at once when events were appended, by any process, without asking the store over and over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from pymongo.errors import PyMongoError

from engine.cancellation import end, heed
from engine.mongo import Database

__all__ = ["News"]

_log = logging.getLogger(__name__)


class News:
    """Watches the event counter through a change stream. Only a hint: whoever waits also looks from time to time."""

    def __init__(self, database: Database) -> None:
        self._counters = database["counters"]
        self._arrived = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return when something was appended since the last call, after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                await self._arrived.wait()
        self._arrived.clear()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[News]:
        """Watch while the context is open."""
        watcher = asyncio.create_task(self._watch(), name="news")
        try:
            yield self
        finally:
            await end(watcher)

    async def _watch(self) -> None:
        while True:
            heed()
            try:
                async with await self._counters.watch([{"$project": {"_id": 1}}]) as stream:
                    self._arrived.set()  # something may have come before we watched
                    async for _ in stream:
                        self._arrived.set()
            except PyMongoError as error:
                _log.warning("Cannot watch for new events, polling instead: %s", error)
                await asyncio.sleep(1)
            except Exception:  # noqa: BLE001 - whatever it is, a watcher that has ended would tell nothing ever again
                _log.exception("Cannot watch for new events, polling instead.")
                await asyncio.sleep(1)

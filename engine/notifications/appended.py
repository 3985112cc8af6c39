"""Tells at once when events were appended, by any process, without asking the store over and over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from engine.notifications.channel import NotificationChannel

__all__ = ["AppendNotifications"]

_APART_SECONDS = 0.01
"""Between two messages. The dispatcher rings less often than that, and a group commit can be over in a fifth of it."""


class AppendNotifications:
    """Who appends says so. Only a hint: whoever waits also looks from time to time."""

    def __init__(self, redis: Redis, database: str) -> None:
        self._channel = NotificationChannel(
            redis, f"lead-engine:{database}:news", about="new events", apart_seconds=_APART_SECONDS
        )
        self._arrived = asyncio.Event()

    def tell(self) -> None:
        """Say that something was appended, in the background."""
        self._channel.tell(bytes)  # that there is a message says it all

    async def wait(self, seconds: float) -> None:
        """Return when something was appended since the last call, after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                await self._arrived.wait()
        self._arrived.clear()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[AppendNotifications]:
        """Watch while the context is open."""
        async with self._channel.watching(lambda _: self._arrived.set(), self._arrived.set):
            yield self

    async def close(self) -> None:
        """Say nothing more."""
        await self._channel.close()

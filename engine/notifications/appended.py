"""Notifications of appended events, so that the dispatcher need not poll the event store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from engine.notifications.channel import NotificationChannel

__all__ = ["AppendNotifications"]

_MIN_INTERVAL_SECONDS = 0.01
"""The dispatcher reads less often than that, and a group commit can be over in a fifth of it."""


class AppendNotifications:
    """Published by every appender, awaited by the dispatcher. Best effort: waiters also poll."""

    def __init__(self, redis: Redis, database: str) -> None:
        self._channel = NotificationChannel(
            redis,
            f"lead-engine:{database}:news",
            about="appended events",
            min_interval_seconds=_MIN_INTERVAL_SECONDS,
        )
        self._arrived = asyncio.Event()

    def publish(self) -> None:
        """Notify subscribers, in the background, that events were appended."""
        self._channel.publish(bytes)  # an empty message: nothing but its arrival matters

    async def wait(self, seconds: float) -> None:
        """Return when something was appended since the last call, after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                await self._arrived.wait()
        self._arrived.clear()

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[AppendNotifications]:
        """Subscribe while the context is open."""
        async with self._channel.subscribed(lambda _: self._arrived.set(), self._arrived.set):
            yield self

    async def close(self) -> None:
        """Cancel what is still being published."""
        await self._channel.close()

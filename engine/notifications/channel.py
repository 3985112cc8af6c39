"""Best-effort pub/sub over Redis between our processes. Subscribers also poll: a lost message costs latency only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engine.process.periodic import every, logged_failures
from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.settings.operations.queue import QueueSettings

__all__ = ["NotificationChannel", "connect_notifications"]

_log = logging.getLogger(__name__)

_ANSWER_SECONDS = 5
_IDLE_SECONDS = 30
"""Without a message for so long, the connection is checked by a ping: a half-open one is not noticed otherwise."""
_RECONNECT_SECONDS = 1


class NotificationChannel:
    """One Redis channel. Publishing happens in the background, at least `min_interval_seconds` apart.

    The first message after a pause is published at once.
    """

    def __init__(self, redis: Redis, name: str, *, about: str, min_interval_seconds: float = 0.0) -> None:
        self._redis = redis
        self._name = name
        self._about = about
        self._min_interval_seconds = min_interval_seconds
        self._pending: Callable[[], bytes] | None = None
        self._publishing: asyncio.Task[None] | None = None
        self.is_subscribed = False
        """Whether messages of other processes reach us now."""
        self._warned = False

    def publish(self, message: Callable[[], bytes]) -> None:
        """Publish what `message` returns when it is sent. Calls until then are coalesced into one message."""
        self._pending = message
        if self._publishing is None:
            self._publishing = asyncio.create_task(self._publish_pending(), name=f"publish {self._about}")

    async def _publish_pending(self) -> None:
        try:
            while self._pending is not None:
                message, self._pending = self._pending, None
                with logged_failures(f"Cannot publish {self._about}"):
                    await self._publish(message())
                await asyncio.sleep(self._min_interval_seconds)
        finally:
            self._publishing = None

    async def _publish(self, message: bytes) -> None:
        try:
            await self._redis.publish(self._name, message)
        except (RedisError, OSError) as error:
            _log.debug("Cannot publish %s: %s", self._about, error)

    @contextlib.asynccontextmanager
    async def subscribed(
        self, on_message: Callable[[bytes], None], on_gap: Callable[[], None]
    ) -> AsyncIterator[None]:
        """Call `on_message` per message while the context is open, and `on_gap` whenever some may have been lost.

        The subscription begins with a gap.
        """

        async def listen() -> None:
            await self._listen_until_lost(on_message, on_gap)

        failure = f"Cannot subscribe to {self._about}, polling instead"
        async with every(listen, _RECONNECT_SECONDS, failure, at_once=True):
            yield

    async def _listen_until_lost(
        self, on_message: Callable[[bytes], None], on_gap: Callable[[], None]
    ) -> None:
        try:
            await self._listen(on_message, on_gap)
        except (RedisError, OSError) as error:
            if not self._warned:  # once, until the subscription is back
                _log.warning("Cannot subscribe to %s, polling instead: %s", self._about, error)
            self._warned = True

    async def _listen(self, on_message: Callable[[bytes], None], on_gap: Callable[[], None]) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(self._name)
            try:
                while True:
                    raise_if_cancelled()
                    message = await channel.get_message(timeout=_IDLE_SECONDS)
                    if message is None:
                        continue
                    if message["type"] == "subscribe":  # also after the client has reconnected by itself
                        self.is_subscribed, self._warned = True, False
                        on_gap()
                    elif message["type"] == "message":
                        on_message(message["data"])
            finally:
                self.is_subscribed = False

    async def close(self) -> None:
        """Cancel what is still being published."""
        if self._publishing is not None:
            await cancel_and_wait(self._publishing)


def connect_notifications(settings: QueueSettings) -> Redis:
    """A client for the Redis of the settings with short time-outs."""
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        health_check_interval=_IDLE_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once, for a connection that the server closed while it was idle
    )

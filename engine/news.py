"""Tells at once when events were appended, by any process, without asking the store over and over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engine.cancellation import end, heed
from engine.settings import Settings

__all__ = ["News", "open_news"]

_log = logging.getLogger(__name__)

_ANSWER_SECONDS = 5
_LOOK_SECONDS = 30
"""Longest wait for a message, after which the connection is looked at."""


class News:
    """A channel of Redis on which who appends says so. Only a hint: whoever waits also looks from time to time."""

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._arrived = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._untold = False

    def tell(self) -> None:
        """Say that something was appended, in the background. What is said while one message is on its way shares the next."""
        self._untold = True
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="tell news")

    async def _tell(self) -> None:
        try:
            while self._untold:
                self._untold = False
                await self._redis.publish(self._channel, b"")
        except (RedisError, OSError) as error:
            _log.debug("Cannot tell of new events: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, the next news must be told
            _log.exception("Cannot tell of new events.")
        finally:
            self._telling = None

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
                await self._listen()
            except (RedisError, OSError) as error:
                _log.warning("Cannot watch for new events, polling instead: %s", error)
                await asyncio.sleep(1)
            except Exception:  # noqa: BLE001 - whatever it is, a watcher that has ended would tell nothing ever again
                _log.exception("Cannot watch for new events, polling instead.")
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(self._channel)
            self._arrived.set()  # something may have come before we listened
            while True:
                heed()
                if await channel.get_message(timeout=_LOOK_SECONDS):
                    self._arrived.set()

    async def close(self) -> None:
        """Say nothing more."""
        if self._telling is not None:
            await end(self._telling)
        await self._redis.aclose()


def open_news(settings: Settings) -> News:
    """The news of the database of the settings."""
    redis = Redis.from_url(
        settings.redis_url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once, for a connection that was closed while nobody used it
    )
    return News(redis, f"lead-engine:{settings.mongodb_database}:news")

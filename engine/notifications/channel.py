"""A channel of Redis on which the processes of an engine tell each other what they would find out anyway, but later."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.settings.queue import QueueSettings

__all__ = ["NotificationChannel", "connect_notifications"]

_log = logging.getLogger(__name__)

_ANSWER_SECONDS = 5
_LOOK_SECONDS = 30
"""Without a message for so long, the connection is tried by a ping: one whose other side is gone says nothing by itself."""
_AGAIN_SECONDS = 1
"""After the connection was lost."""


class NotificationChannel:
    """Tells and hears of one thing, in the background. Any hint may be lost: who waits for one also looks for itself.

    Messages begin at least `apart_seconds` after each other; the first after a pause goes at once.
    """

    def __init__(self, redis: Redis, name: str, *, about: str, apart_seconds: float = 0.0) -> None:
        self._redis = redis
        self._name = name
        self._about = about
        self._apart_seconds = apart_seconds
        self._message: Callable[[], bytes] | None = None
        self._telling: asyncio.Task[None] | None = None
        self.is_heard = False
        """Whether what others tell reaches us now."""
        self._warned = False

    def tell(self, message: Callable[[], bytes]) -> None:
        """Tell what `message` gives when its turn has come: all that is told until then shares one."""
        self._message = message
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name=f"tell of {self._about}")

    async def _tell(self) -> None:
        try:
            while self._message is not None:
                message, self._message = self._message, None
                await self._publish(message())
                await asyncio.sleep(self._apart_seconds)
        finally:
            self._telling = None

    async def _publish(self, message: bytes) -> None:
        try:
            await self._redis.publish(self._name, message)
        except (RedisError, OSError) as error:
            _log.debug("Cannot tell of %s: %s", self._about, error)
        except Exception:  # noqa: BLE001 - whatever it is, the next hint must be told
            _log.exception("Cannot tell of %s.", self._about)

    @contextlib.asynccontextmanager
    async def watching(
        self, heard: Callable[[bytes], None], began: Callable[[], None]
    ) -> AsyncIterator[None]:
        """Call `heard` with each message while the context is open, and `began` whenever some may have been missed."""
        watcher = asyncio.create_task(self._watch(heard, began), name=f"hear of {self._about}")
        try:
            yield
        finally:
            await cancel_and_wait(watcher)

    async def _watch(self, heard: Callable[[bytes], None], began: Callable[[], None]) -> None:
        while True:
            raise_if_cancelled()
            try:
                await self._listen(heard, began)
            except (RedisError, OSError) as error:
                if not self._warned:
                    _log.warning("Cannot hear of %s, looking for them instead: %s", self._about, error)
                self._warned = True  # once, until it can be heard again
                await asyncio.sleep(_AGAIN_SECONDS)
            except Exception:  # noqa: BLE001 - whatever it is, a watcher that has ended would hear nothing ever again
                _log.exception("Cannot hear of %s, looking for them instead.", self._about)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen(self, heard: Callable[[bytes], None], began: Callable[[], None]) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(self._name)
            try:
                while True:
                    raise_if_cancelled()
                    message = await channel.get_message(timeout=_LOOK_SECONDS)
                    if message is None:
                        continue
                    if message["type"] == "subscribe":  # also after the client has connected again by itself
                        self.is_heard, self._warned = True, False
                        began()
                    elif message["type"] == "message":
                        heard(message["data"])
            finally:
                self.is_heard = False

    async def close(self) -> None:
        """Say nothing more."""
        if self._telling is not None:
            await cancel_and_wait(self._telling)


def connect_notifications(settings: QueueSettings) -> Redis:
    """The Redis of the settings, given up soon when it does not answer."""
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        health_check_interval=_LOOK_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once, for a connection that was closed while nobody used it
    )

"""A Dramatiq consumer that blocks in Redis (BLPOP) until a message is enqueued, instead of polling its queue.

The broker leaves a token in a list beside the queue with every message, and an idle consumer waits in a blocking pop
of that list. So a message is fetched within a millisecond, and an idle worker costs next to nothing. Tokens are hints:
a lost one costs the fallback polling interval, one too many a fetch that finds nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from dramatiq import MessageProxy
from dramatiq.broker import Consumer
from dramatiq.errors import ConnectionClosed
from redis import Redis
from redis.exceptions import RedisError

__all__ = ["FETCH_PAUSE_MS", "BlockingConsumer", "WakeUps"]

FETCH_PAUSE_MS = 1
"""Longest pause, in milliseconds, of the inner consumer after a fetch that found nothing; waiting is done here."""

_MAX_TOKENS = 8


class WakeUps:
    """The tokens of one queue."""

    def __init__(self, client: Redis, queue_key: str) -> None:
        self._client = client
        self._key = f"{queue_key}.wake"

    def signal(self) -> None:
        """Wake one consumer that waits, or the next that will. Raises `RedisError`."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.rpush(self._key, 1)
        pipeline.ltrim(self._key, -_MAX_TOKENS, -1)
        pipeline.execute()

    def wait(self, seconds: float) -> None:
        """Block until there is a token, and take it; at most so many seconds. Raises `RedisError`."""
        self._client.blpop([self._key], timeout=seconds)


class BlockingConsumer(Consumer):
    """Returns the messages of an inner consumer. Without any it waits for a token, or for room when its prefetch is full."""

    def __init__(self, inner: Any, wake_ups: WakeUps, max_wait_ms: int) -> None:
        self._inner = inner
        self._wake_ups = wake_ups
        self._max_wait_seconds = max_wait_ms / 1000
        self._handled = threading.Event()

    def __next__(self) -> MessageProxy | None:
        message: MessageProxy | None = next(self._inner)
        if message is None:
            self._wait()
        return message

    def _wait(self) -> None:
        if self._inner.outstanding_message_count >= self._inner.prefetch:
            self._handled.wait(self._max_wait_seconds)
            self._handled.clear()
            return
        try:
            self._wake_ups.wait(self._max_wait_seconds)
        except RedisError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def ack(self, message: MessageProxy) -> None:
        """As the inner consumer; there is room again."""
        try:
            self._inner.ack(message)
        finally:
            self._handled.set()

    def nack(self, message: MessageProxy) -> None:
        """As the inner consumer; there is room again."""
        try:
            self._inner.nack(message)
        finally:
            self._handled.set()

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """As the inner consumer."""
        self._inner.requeue(messages)

    def close(self) -> None:
        """As the inner consumer."""
        self._inner.close()

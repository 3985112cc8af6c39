"""A Dramatiq consumer that is told of new messages, instead of looking into its queue again and again.

Who enqueues leaves a token in a list beside the queue, and an idle consumer waits in a blocking pop of that list. So
a message is taken within a millisecond, and an idle worker costs next to nothing. Tokens are hints: a lost one costs
the longest wait, one too many a look in vain.
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

__all__ = ["LOOK_MS", "BlockingConsumer", "WakeUps"]

LOOK_MS = 1
"""Longest pause, in milliseconds, that the consumer within should make after a look in vain; waiting is done here."""

_MAX_TOKENS = 8


class WakeUps:
    """The tokens of one queue."""

    def __init__(self, client: Redis, queue_key: str) -> None:
        self._client = client
        self._key = f"{queue_key}.told"

    def leave(self) -> None:
        """Tell one consumer that waits, or the next that will. Raises `RedisError`."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.rpush(self._key, 1)
        pipeline.ltrim(self._key, -_MAX_TOKENS, -1)
        pipeline.execute()

    def wait(self, seconds: float) -> None:
        """Until there is a token, which is taken, or so long. Raises `RedisError`."""
        self._client.blpop([self._key], timeout=seconds)


class BlockingConsumer(Consumer):
    """Hands out what the consumer within finds. With nothing found it waits for a token, or for room when it is full."""

    def __init__(self, within: Any, tokens: WakeUps, longest_wait_ms: int) -> None:
        self._within = within
        self._tokens = tokens
        self._seconds = longest_wait_ms / 1000
        self._handled = threading.Event()

    def __next__(self) -> MessageProxy | None:
        message: MessageProxy | None = next(self._within)
        if message is None:
            self._wait()
        return message

    def _wait(self) -> None:
        if self._within.outstanding_message_count >= self._within.prefetch:
            self._handled.wait(self._seconds)
            self._handled.clear()
            return
        try:
            self._tokens.wait(self._seconds)
        except RedisError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def ack(self, message: MessageProxy) -> None:
        """As the consumer within; there is room again."""
        try:
            self._within.ack(message)
        finally:
            self._handled.set()

    def nack(self, message: MessageProxy) -> None:
        """As the consumer within; there is room again."""
        try:
            self._within.nack(message)
        finally:
            self._handled.set()

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """As the consumer within."""
        self._within.requeue(messages)

    def close(self) -> None:
        """As the consumer within."""
        self._within.close()

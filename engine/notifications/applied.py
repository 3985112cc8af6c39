"""Tells at once how far the events of leads have been applied, to whoever waits for the score that they make."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping

import msgspec
from redis.asyncio import Redis

from engine.notifications.channel import NotificationChannel

__all__ = ["AppliedNotifications", "PositionWaiter"]

_log = logging.getLogger(__name__)

_MAX_UNTOLD = 10_000
"""Leads to tell of while Redis does not answer; past that they are forgotten."""
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, int])


class PositionWaiter:
    """A position that somebody waits for a lead to have applied."""

    def __init__(self, position: int) -> None:
        self.position = position
        """May be lowered, when less turns out to be enough."""
        self._heard = 0
        self._woken = asyncio.Event()

    def heard(self, position: int) -> None:
        """The lead has applied this position; news of several workers may come in any order."""
        self._heard = max(self._heard, position)
        if self._heard >= self.position:
            self._woken.set()

    def missed(self) -> None:
        """Something may have been missed: whoever waits had better look."""
        self._woken.set()

    async def reached(self, seconds: float) -> bool:
        """Whether the position was heard of, within so many seconds; False sooner than that if a look is due."""
        if self._heard < self.position:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                    await self._woken.wait()
            self._woken.clear()
        return self._heard >= self.position


class AppliedNotifications:
    """Who applies events says so, once that is durable. Only a hint: whoever waits also looks from time to time."""

    def __init__(self, redis: Redis, database: str) -> None:
        self._channel = NotificationChannel(redis, f"lead-engine:{database}:applied", about="applied events")
        self._untold: dict[str, int] = {}
        self._awaited: defaultdict[str, set[PositionWaiter]] = defaultdict(set)

    @property
    def is_heard(self) -> bool:
        """Whether we hear of what is applied now."""
        return self._channel.is_heard

    def tell(self, positions: Mapping[str, int]) -> None:
        """Say how far each of these leads has been applied, in the background."""
        if not positions:
            return
        if len(self._untold) > _MAX_UNTOLD:
            self._untold.clear()
        self._untold.update(positions)
        self._channel.tell(self._next_message)

    def _next_message(self) -> bytes:
        message = _encoder.encode(self._untold)
        self._untold.clear()
        return message

    @contextlib.contextmanager
    def awaiting(self, lead_id: str, position: int) -> Iterator[PositionWaiter]:
        """Hear of this lead while the context is open."""
        one = PositionWaiter(position)
        self._awaited[lead_id].add(one)
        try:
            yield one
        finally:
            self._awaited[lead_id].discard(one)
            if not self._awaited[lead_id]:
                del self._awaited[lead_id]

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[AppliedNotifications]:
        """Watch while the context is open."""
        async with self._channel.watching(self._hear, self._missed):
            yield self

    def _hear(self, message: bytes) -> None:
        if not self._awaited:
            return
        try:
            positions = _decoder.decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.debug("Not news of applied events: %s", error)
            return
        for lead_id in self._awaited.keys() & positions.keys():
            for one in self._awaited[lead_id]:
                one.heard(positions[lead_id])

    def _missed(self) -> None:
        for all_of_lead in self._awaited.values():
            for one in all_of_lead:
                one.missed()

    async def close(self) -> None:
        """Say nothing more."""
        await self._channel.close()

"""Notifications of applied positions per lead, so that `?after=` requests need not poll."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from engine.notifications.channel import NotificationChannel

__all__ = ["AppliedNotifications", "PositionWaiter"]

_log = logging.getLogger(__name__)

_MAX_PENDING = 10_000
"""Leads to publish while Redis does not answer; beyond it they are dropped."""
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, int | list[int]])
"""A lead whose streams lie in several partitions has a position in each."""


class PositionWaiter:
    """A caller that waits until a lead has applied a position."""

    def __init__(self, position: int) -> None:
        self.position = position
        """May be lowered, when less turns out to be enough."""
        self._applied = NOTHING_APPLIED
        self._woken = asyncio.Event()

    def on_applied(self, applied: AppliedPositions) -> None:
        """The lead has applied these positions. Messages of several workers may arrive in any order."""
        self._applied = self._applied.moved_to(applied.positions)
        if self._applied.includes(self.position):
            self._woken.set()

    def on_gap(self) -> None:
        """Messages may have been lost: wake the caller, who polls."""
        self._woken.set()

    async def reached(self, seconds: float) -> bool:
        """Whether a message said so within `seconds`. False sooner than that when the caller had better poll."""
        if not self._applied.includes(self.position):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                    await self._woken.wait()
            self._woken.clear()
        return self._applied.includes(self.position)


class _Listener(NamedTuple):
    on_applied: Callable[[Mapping[str, AppliedPositions]], None]
    on_gap: Callable[[], None]


class AppliedNotifications:
    """Published by workers once positions are durable. Best effort: waiters also poll."""

    def __init__(self, redis: Redis, database: str) -> None:
        self._channel = NotificationChannel(
            redis, f"lead-engine:{database}:applied", about="applied positions"
        )
        self._pending: dict[str, AppliedPositions] = {}
        self._waiters: defaultdict[str, set[PositionWaiter]] = defaultdict(set)
        self._listeners: list[_Listener] = []

    @property
    def is_subscribed(self) -> bool:
        """Whether messages of workers reach us now."""
        return self._channel.is_subscribed

    def publish(self, positions: Mapping[str, AppliedPositions]) -> None:
        """Notify subscribers, in the background, of the applied positions of each of these leads."""
        if not positions:
            return
        if len(self._pending) > _MAX_PENDING:
            self._pending.clear()
        self._pending.update(positions)
        self._channel.publish(self._next_message)

    def _next_message(self) -> bytes:
        message = _encoder.encode(
            {
                lead_id: list(one.positions) if one.elsewhere else one.last
                for lead_id, one in self._pending.items()
            }
        )
        self._pending.clear()
        return message

    @contextlib.contextmanager
    def waiter(self, lead_id: str, position: int) -> Iterator[PositionWaiter]:
        """A waiter that receives messages about this lead while the context is open."""
        waiter = PositionWaiter(position)
        self._waiters[lead_id].add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[lead_id].discard(waiter)
            if not self._waiters[lead_id]:
                del self._waiters[lead_id]

    @contextlib.contextmanager
    def listener(
        self, on_applied: Callable[[Mapping[str, AppliedPositions]], None], on_gap: Callable[[], None]
    ) -> Iterator[None]:
        """Call `on_applied` with the applied positions of each message while the context is open.

        `on_gap` is called when messages may have been lost.
        """
        listener = _Listener(on_applied, on_gap)
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[AppliedNotifications]:
        """Subscribe while the context is open."""
        async with self._channel.subscribed(self._on_message, self._on_gap):
            yield self

    def _on_message(self, message: bytes) -> None:
        if not self._waiters and not self._listeners:
            return
        try:
            decoded = _decoder.decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.debug("Not a message of applied positions: %s", error)
            return
        positions = {
            lead_id: AppliedPositions(one) if isinstance(one, int) else AppliedPositions.of(one)
            for lead_id, one in decoded.items()
        }
        for listener in self._listeners:
            listener.on_applied(positions)
        for lead_id in self._waiters.keys() & positions.keys():
            for waiter in self._waiters[lead_id]:
                waiter.on_applied(positions[lead_id])

    def _on_gap(self) -> None:
        for listener in self._listeners:
            listener.on_gap()
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.on_gap()

    async def close(self) -> None:
        """Cancel what is still being published."""
        await self._channel.close()

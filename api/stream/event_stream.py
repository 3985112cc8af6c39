"""One open stream: sends frames until the client leaves, the engine stops, or the caller may no longer read."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from api.stream import frames
from api.stream.shared_frames import SharedFrames
from api.transport.connection import ON_SHUTDOWN
from domain.events.log_cursor import LogCursor
from domain.teams.visibility import EVERY_LEAD, VisibleLeads
from engine.process.tasks import cancel_and_wait
from workflows.stream.hub import StreamHub, Subscription

__all__ = ["EventStream", "Visible"]

Visible = Callable[[], Awaitable[VisibleLeads]]
"""The leads that the caller may see."""

HEARTBEAT_SECONDS = 15.0
VISIBLE_SECONDS = 2.0
"""Longest time until a stream notices that its caller sees other leads, as somebody in another team does."""
MAX_SECONDS = 3600.0
"""A stream ends after an hour, spread over its last tenth: the client connects again, to another process perhaps."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI response. `may_read` is asked every second whether the caller is still allowed to read, from memory."""

    def __init__(
        self,
        hub: StreamHub,
        shared: SharedFrames,
        *,
        after: LogCursor | None,
        build: str,
        counted: AbstractContextManager[None],
        may_read: Callable[[], bool],
        visible: Visible,
    ) -> None:
        self._hub = hub
        self._shared = shared
        self._after = after
        self._build = build
        self._counted = counted
        self._may_read = may_read
        self._visible = visible
        self._seen, self._seen_until = EVERY_LEAD, 0.0
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Subscribe and send frames. Raises what PyMongo raises when MongoDB does not answer, before anything is sent."""
        scope[ON_SHUTDOWN] = self._stop  # type: ignore[literal-required]
        with self._counted:
            async with self._hub.subscribed(self._after) as subscription:
                start: HTTPResponseStartEvent = {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": _HEADERS,
                }
                await send(start)
                await _first_of(self._send_all(subscription, send), _until_disconnected(receive))

    def _stop(self) -> None:
        self._stopping = True
        self._hub.wake()

    async def _send_all(self, subscription: Subscription, send: Send) -> None:
        clock = asyncio.get_running_loop()
        ends_at = clock.time() + MAX_SECONDS * (1 - random.random() / 10)
        beat_at = clock.time() + HEARTBEAT_SECONDS
        await send(_body(frames.hello(subscription.place, self._build)))
        while clock.time() < ends_at and not self._stopping:
            await subscription.wait()
            if not self._may_read():
                await send(_body(frames.bye("revoked"), more=False))
                return
            if frame := await self._changes(subscription):
                await send(_body(frame))
            if clock.time() >= beat_at:
                await send(_body(frames.heartbeat(subscription.place)))
                beat_at = clock.time() + HEARTBEAT_SECONDS
        await send(_body(frames.bye("stopping" if self._stopping else "renew"), more=False))

    async def _changes(self, subscription: Subscription) -> bytes | None:
        changed = subscription.take()
        if changed is None:
            return frames.reset(subscription.place)
        if not changed.leads:
            return None
        return await self._shared.leads(changed, await self._now_visible(), subscription.place)

    async def _now_visible(self) -> VisibleLeads:
        now = asyncio.get_running_loop().time()
        if now >= self._seen_until:
            self._seen, self._seen_until = await self._visible(), now + VISIBLE_SECONDS
        return self._seen


async def _first_of(*works: Awaitable[None]) -> None:
    """Return or raise as soon as one of them does; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            await cancel_and_wait(task)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(data: bytes, *, more: bool = True) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": data, "more_body": more}

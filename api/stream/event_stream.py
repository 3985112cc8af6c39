"""One open stream: sends frames until the client leaves, the engine stops, or the caller may no longer read."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from api.stream import frames
from api.transport.connection import ON_SHUTDOWN
from engine.process.tasks import cancel_and_wait
from workflows.stream.hub import StreamHub, Subscription

__all__ = ["EventStream", "Visible"]

Visible = Callable[[Mapping[str, int]], Awaitable[Mapping[str, int]]]
"""Of some leads with their positions, those that the caller may see."""

HEARTBEAT_SECONDS = 15.0
RIGHTS_SECONDS = 2.0
"""Longest time until a stream notices that its key or session has ended; to look costs a look into memory."""
MAX_SECONDS = 3600.0
"""A stream ends after an hour, spread over its last tenth: the client connects again, to another process perhaps."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI response. `may_read` is asked every two seconds whether the caller is still allowed to read."""

    def __init__(
        self,
        hub: StreamHub,
        *,
        after: int | None,
        build: str,
        counted: AbstractContextManager[None],
        may_read: Callable[[], bool],
        visible: Visible | None = None,
    ) -> None:
        self._hub = hub
        self._after = after
        self._build = build
        self._counted = counted
        self._may_read = may_read
        self._visible = visible
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
        await send(_body(frames.hello(subscription.position, self._build)))
        while clock.time() < ends_at and not self._stopping:
            await _wait(subscription, min(beat_at - clock.time(), RIGHTS_SECONDS))
            if not self._may_read():
                await send(_body(frames.bye("revoked"), more=False))
                return
            if frame := await self._changes(subscription):
                await send(_body(frame))
            if clock.time() >= beat_at:
                await send(_body(frames.heartbeat(subscription.position)))
                beat_at = clock.time() + HEARTBEAT_SECONDS
        await send(_body(frames.bye("stopping" if self._stopping else "renew"), more=False))

    async def _changes(self, subscription: Subscription) -> bytes | None:
        changed = subscription.take()
        if changed is None:
            return frames.reset(subscription.position)
        if changed and self._visible is not None:
            changed = await self._visible(changed)
        return frames.leads(changed, subscription.position) if changed else None


async def _wait(subscription: Subscription, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await subscription.wait()
    except TimeoutError:
        return


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

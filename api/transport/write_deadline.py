"""The deadline for a client to take what was written to it: a connection that nobody reads is aborted."""

from __future__ import annotations

import socket
import struct
from asyncio import AbstractEventLoop, TimerHandle, Transport

__all__ = ["WriteDeadline"]

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset and frees what the kernel holds, instead of trying to send it for minutes."""

_MIN_TAKEN_BYTES = 16 * 1024
"""A client that takes this much within the time gets the same time again; less memory than that is never freed."""


class WriteDeadline:
    """Runs while a response waits for its client. `close()` would wait for ever, so the connection is aborted."""

    def __init__(self, loop: AbstractEventLoop, transport: Transport, seconds: float) -> None:
        self._loop, self._transport, self._seconds = loop, transport, seconds
        self._timer: TimerHandle | None = None
        self._unsent = 0

    def start(self) -> None:
        """Begin, unless it runs already."""
        if self._timer is None:
            self._unsent = self._transport.get_write_buffer_size()
            self._timer = self._loop.call_later(self._seconds, self._check)

    def stop(self) -> None:
        """End it: everything was taken, or the connection is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        if self._transport.get_write_buffer_size() > self._unsent - _MIN_TAKEN_BYTES:
            if connection := self._transport.get_extra_info("socket"):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self._transport.abort()
        else:
            self.start()

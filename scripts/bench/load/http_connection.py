"""A minimal keep-alive HTTP/1.1 client: the load shares the machine with what it measures."""

from __future__ import annotations

import asyncio
import os
import re
from typing import NamedTuple, Self, cast

__all__ = ["Answer", "Connection", "get", "post", "show_key"]

_KEY = "BENCH_API_KEY"
_CONNECT_SECONDS = 10
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """A response: its status, its head as received, and its body."""

    status: int
    head: bytes
    body: bytes


class Connection(asyncio.Protocol):
    """One request at a time. The server must send the length of its responses."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Connect. Raises `OSError`."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    def close(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; await the answer. Raises `ConnectionError` when the server closes the connection first."""
        assert self._transport is not None, "open() comes first"
        assert self._waiting is None, "one request at a time"
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none of asyncio's classes

    def data_received(self, data: bytes) -> None:
        self._received = received = self._received + data if self._received else data
        end = received.find(_HEAD_END)
        if end < 0:
            return
        head = received[:end]
        length = _LENGTH.search(head)
        start = end + len(_HEAD_END)
        if length is None:
            self._settle(ConnectionError(f"an answer without a length: {head!r}"))
            return
        total = start + int(length[1])
        if len(received) < total:
            return
        self._received = received[total:]
        self._settle(Answer(int(head[9:12]), head, received[start:total]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(ConnectionError(f"the server hung up: {exc}"))

    def _settle(self, outcome: Answer | ConnectionError) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, Answer):
            waiting.set_result(outcome)
        else:
            waiting.set_exception(outcome)


def show_key(key: str) -> None:
    """Send this API key with every request, in this process and in those that it starts."""
    os.environ[_KEY] = key


def _head(method: str, path: str) -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {os.environ.get(_KEY, '')}"


def get(path: str) -> bytes:
    """A GET request, ready to be sent; `path` is escaped already."""
    return _head("GET", path).encode() + _HEAD_END


def post(path: str, body: bytes) -> bytes:
    """A POST request of JSON, ready to be sent."""
    head = f"{_head('POST', path)}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + _HEAD_END + body

"""A connection to the API: each request must arrive whole within a time, and its head within a size.

uvicorn by itself waits for ever for the rest of a request, and keeps a head without end. Nearly every request arrives
in one piece and costs nothing here; a timer runs only while there is a piece missing.
"""

from __future__ import annotations

import secrets
from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, Problem

__all__ = ["bounded_connections"]

_MOST_HEAD_BYTES = 64 * 1024


def bounded_connections(seconds: float) -> type[HttpToolsProtocol]:
    """Connections on which a request must arrive within so many seconds."""

    class Bounded(_BoundedConnection):
        _seconds = seconds

    return Bounded


class _BoundedConnection(HttpToolsProtocol):
    """Answers 408 to what arrives too slowly, 431 to a head that is too large and 400 to what is no HTTP."""

    _seconds: float

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._incomplete = self._in_head = True  # who connects is about to send a request
        self._head_bytes = 0
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(for_more=True)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(for_more=False)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > _MOST_HEAD_BYTES:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-large",
                f"The request line and the headers are larger than {_MOST_HEAD_BYTES // 1024} KiB.",
            )
        # After an answer, whatever comes is the rest of its request or the beginning of another one.
        self._wait(for_more=self._incomplete or self.cycle is None or self.cycle.response_complete)

    def on_message_begin(self) -> None:
        self._incomplete = self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._incomplete = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "not-http", msg)

    def _wait(self, *, for_more: bool) -> None:
        if not for_more and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif for_more and self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self._seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT,
            "request-timeout",
            f"The request did not arrive within {self._seconds:g} seconds.",
        )

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Answer and close, if nobody else is answering here; else only close."""
        if self.transport.is_closing():
            return
        if not self._is_answering():
            self.transport.write(_answer(status, code, detail))
        self.transport.close()

    def _is_answering(self) -> bool:
        """Whether an answer has begun, or one to an earlier request is to come first."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self._in_head or bool(self.pipeline) or self.cycle.response_started


def _answer(status: HTTPStatus, code: str, detail: str) -> bytes:
    name = secrets.token_hex(8)
    body = msgspec.json.encode(
        Problem(
            type=f"urn:lead-engine:problem:{code}",
            title=status.phrase,
            status=status,
            detail=detail,
            code=code,
            message=detail,
            instance="",
            request_id=name,
        )
    )
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        f"x-request-id: {name}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body

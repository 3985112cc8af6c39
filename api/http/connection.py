"""A connection to the API: each request must arrive whole within a time, and what is not its body within a size.

uvicorn by itself waits for ever for the rest of a request, keeps a head without end, takes what stands behind a body
in chunks (trailers) for headers, and collects requests faster than it answers them. Nearly every request arrives in one piece and costs next to nothing here; a timer
runs only while there is a piece missing.
"""

from __future__ import annotations

import logging
import secrets
from asyncio import TimerHandle, Transport
from collections.abc import Sized
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.capture.express_connection import ExpressConnection
from api.capture.express_lane import ExpressLane
from api.http.problems import MEDIA_TYPE, Problem
from api.http.request_ids import given_id
from engine.process.log_context import request_id

__all__ = ["bounded_connections"]

_log = logging.getLogger(__name__)

_MAX_OUTSIDE = 64 * 1024
"""Bytes of a request that may come at a stretch without being body: its head, that of a chunk, or trailers."""


class _Dropped(list[tuple[bytes, bytes]]):
    """Where headers go that come after the head: whoever reads headers has done so, and nobody checks these."""

    def append(self, header: tuple[bytes, bytes]) -> None:
        pass


_DROPPED = _Dropped()


def bounded_connections(seconds: float, lane: ExpressLane) -> type[HttpToolsProtocol]:
    """Connections on which a request must arrive within so many seconds, and may go by this lane."""

    class Bounded(_BoundedConnection):
        _seconds = seconds
        _lane = lane

    return Bounded


class _BoundedConnection(ExpressConnection):
    """Answers 408 to what arrives too slowly, 431 to headers that are too large and 400 to what is no HTTP."""

    _seconds: float

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._incomplete = self._in_head = True  # who connects is about to send a request
        self._outside = (
            0  # bytes since the last head or chunk began that are no body; less than that by a read or two
        )
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _ReadingOnDemand(transport, self.pipeline)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._outside += len(data)
        super().data_received(data)
        if self._outside > _MAX_OUTSIDE:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-large",
                f"The request line and the headers, or those behind the body, are larger than {_MAX_OUTSIDE // 1024} KiB.",
            )
        if self._is_awaited():
            self._wait()
        elif self._timer is not None:
            self._wait_no_more()

    def on_message_begin(self) -> None:
        if self._timer is not None:
            self._wait_no_more()  # for the one before; this one has its own time
        self._incomplete = self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.headers = _DROPPED  # those of the scope are complete
        self._in_head, self._outside = False, 0

    def on_chunk_header(self) -> None:
        """Each chunk has a head of its own, and the last one all that stands behind the body."""
        self._outside = 0

    def on_body(self, body: bytes) -> None:
        self._outside -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._incomplete, self._outside = False, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._incomplete and self._is_awaited():  # only now is it read on
            self._wait()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "not-http", msg)

    def _is_awaited(self) -> bool:
        """Whether it is for the other side to send something."""
        if self.pipeline:  # nothing is read meanwhile
            return False
        # After an answer, whatever comes is the rest of its request or the beginning of another one.
        return self._incomplete or self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        if self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self._seconds, self._too_slow)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

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
            path, given = "", None
            if self._incomplete and not self._in_head:
                path, given = quote(self.scope["path"]), given_id(self.scope["headers"])
            name = (given or secrets.token_hex(8).encode()).decode()
            _note(name, "%s is answered %d: %s", path or "What is no request yet", status, detail)
            self.transport.write(_answer(status, code, detail, path, name))
        self.transport.close()

    def _is_answering(self) -> bool:
        """Whether an answer has begun, or one to an earlier request is to come first."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self._in_head or bool(self.pipeline) or self.cycle.response_started


class _ReadingOnDemand(FlowControl):
    """Reads nothing while requests that have come still wait for their turn.

    uvicorn reads on with each answer, a thousand small requests for each that it answers, and keeps them all.
    """

    def __init__(self, transport: Transport, pipeline: Sized) -> None:
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        if not self._pipeline:
            super().resume_reading()


def _note(name: str, message: str, *facts: object) -> None:
    """Log a line about the request of this name, outside of the task that answers it."""
    token = request_id.set(name)
    try:
        _log.info(message, *facts)
    finally:
        request_id.reset(token)


def _answer(status: HTTPStatus, code: str, detail: str, path: str, name: str) -> bytes:
    body = msgspec.json.encode(
        Problem(
            type=f"urn:lead-engine:problem:{code}",
            title=status.phrase,
            status=status,
            detail=detail,
            code=code,
            message=detail,
            instance=path,
            request_id=name,
        )
    )
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        f"x-request-id: {name}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body

"""Limits that uvicorn lacks: a deadline for each request to arrive, and a size limit for its head and trailers.

uvicorn waits without end for the rest of a request (slow loris), buffers a head of any size, takes trailers for
headers, and reads pipelined requests faster than it answers them. Nearly every request arrives in one piece and costs
next to nothing here: a timer runs only while a piece is missing.
"""

from __future__ import annotations

import logging
import secrets
from asyncio import TimerHandle, Transport
from collections.abc import Sized
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from structlog.contextvars import bound_contextvars
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.problems import MEDIA_TYPE, ProblemResponse, build_problem
from api.http.request_ids import given_id

__all__ = ["BoundedConnection", "bounded_connections"]

_log = logging.getLogger(__name__)

_MAX_HEAD_BYTES = 64 * 1024
"""Most bytes in a row that are not body: the head of a request, that of a chunk, or trailers."""


class _DiscardedHeaders(list[tuple[bytes, bytes]]):
    """Takes the trailers, which arrive as headers after the head has been read and checked."""

    def append(self, header: tuple[bytes, bytes]) -> None:
        pass


_TRAILERS = _DiscardedHeaders()


def bounded_connections(seconds: float) -> type[HttpToolsProtocol]:
    """The protocol class for uvicorn, on whose connections a request must arrive within this many seconds."""

    class Bounded(BoundedConnection):
        _seconds = seconds

    return Bounded


class BoundedConnection(HttpToolsProtocol):
    """Answers 408 to requests that arrive too slowly, 431 to heads that are too large, 400 to malformed HTTP."""

    _seconds: float

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._incomplete = self._in_head = True  # a new connection is about to send a request
        self._head_bytes = (
            0  # not body, since the last head or chunk began; too few by one or two reads at most
        )
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _ReadingOnDemand(transport, self.pipeline)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > _MAX_HEAD_BYTES:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-large",
                f"The request line and the headers, or those behind the body, are larger than {_MAX_HEAD_BYTES // 1024} KiB.",
            )
        if self._awaits_data():
            self._start_timer()
        elif self._timer is not None:
            self._stop_timer()

    def on_message_begin(self) -> None:
        if self._timer is not None:
            self._stop_timer()  # that of the previous request; this one has its own time
        self._incomplete = self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.headers = _TRAILERS  # those of the scope are complete
        self._in_head, self._head_bytes = False, 0

    def on_chunk_header(self) -> None:
        """Each chunk has a head of its own; that of the last one ends with the trailers."""
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._head_bytes -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._incomplete, self._head_bytes = False, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._incomplete and self._awaits_data():  # reading goes on only now
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "not-http", msg)

    def _awaits_data(self) -> bool:
        """Whether it is the client's turn to send something."""
        if self.pipeline:  # nothing is read meanwhile
            return False
        # After a response, the next data is the rest of its request or the beginning of another one.
        return self._incomplete or self.cycle is None or self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self._seconds, self._time_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        detail = f"The request did not arrive within {self._seconds:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request-timeout", detail)

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Respond and close; only close if a response is being sent, or an earlier one has to be sent first."""
        if self.transport.is_closing():
            return
        if not self._is_responding():
            path, given = "", None
            if self._incomplete and not self._in_head:
                path, given = self.scope["path"], given_id(self.scope["headers"])
            name = given or secrets.token_hex(8).encode()
            # This runs outside of the task that answers the request.
            with bound_contextvars(requestId=name.decode()):
                _log.info("%s is answered %d: %s", quote(path) or "An incomplete request", status, detail)
                problem = build_problem(status, code, detail, path=path)
            self.transport.write(_encode(problem, name))
        self.transport.close()

    def _is_responding(self) -> bool:
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self._in_head or bool(self.pipeline) or self.cycle.response_started


class _ReadingOnDemand(FlowControl):
    """Pauses reading while pipelined requests wait for their turn.

    uvicorn resumes with each response, which reads a thousand small requests for each one answered, and keeps them all.
    """

    def __init__(self, transport: Transport, pipeline: Sized) -> None:
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        if not self._pipeline:
            super().resume_reading()


def _encode(problem: ProblemResponse, name: bytes) -> bytes:
    """A response to a request that has no cycle of uvicorn's."""
    return STATUS_LINE[problem.status] + (
        b"content-type: %b\r\ncontent-length: %d\r\nx-request-id: %b\r\nconnection: close\r\n\r\n%b"
        % (MEDIA_TYPE.encode(), len(problem.body), name, problem.body)
    )

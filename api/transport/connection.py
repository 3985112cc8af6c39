"""Limits that uvicorn lacks: deadlines for requests to arrive and for responses to be taken, sizes of heads and trailers.

uvicorn waits without end for the rest of a request (slow loris) and for a client to read its response, buffers a head of
any size, takes trailers for headers, reads pipelined requests faster than it answers them, and takes the body behind an
`Upgrade` for the next request. Nearly every request arrives in one piece, and its response is taken at once, which costs
next to nothing here: a timer runs only while a piece is missing or waits.
"""

from __future__ import annotations

import logging
import secrets
from asyncio import Task, TimerHandle, Transport
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from structlog.contextvars import bound_contextvars
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.problems import MEDIA_TYPE, ProblemResponse, build_problem
from api.http.request_ids import given_id
from api.transport.connection_limits import ConnectionLimits
from api.transport.security_headers import SECURITY_HEADERS
from api.transport.write_deadline import WriteDeadline

__all__ = ["ON_SHUTDOWN", "BoundedConnection", "bounded_connections"]

_log = logging.getLogger(__name__)

ON_SHUTDOWN = "lead_engine.on_shutdown"
"""Key of the ASGI scope under which a response that does not end by itself leaves a function to call on shutdown."""

_MAX_HEAD_BYTES = 64 * 1024
"""Most bytes in a row that are not body: the head of a request, that of a chunk, or trailers."""


class _DiscardedHeaders(list[tuple[bytes, bytes]]):
    """Takes the trailers, which arrive as headers after the head has been read and checked."""

    def append(self, header: tuple[bytes, bytes]) -> None:
        pass


_TRAILERS = _DiscardedHeaders()

_MAX_LOGGED_PATH = 200
_SECURITY = b"".join(b"%b: %b\r\n" % header for header in SECURITY_HEADERS)


_PIECE_OF_HEAD, _PIECE_OF_BODY = 1024, 4096
"""Bytes that are parsed at a time. A request takes 18 bytes at least, and about 2 KB while it waits for its turn."""


def bounded_connections(limits: ConnectionLimits) -> type[HttpToolsProtocol]:
    """The protocol class for uvicorn, on whose connections these limits hold."""

    class Bounded(BoundedConnection):
        _limits = limits

    return Bounded


class BoundedConnection(HttpToolsProtocol):
    """Answers 408 to requests that arrive too slowly, 431 to heads that are too large, 400 to malformed HTTP.

    Aborts connections whose client does not read, and closes those beyond the limit of an address after a 429.
    """

    _limits: ConnectionLimits

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._incomplete = self._in_head = True  # a new connection is about to send a request
        self._head_bytes = 0  # not body, since the last head or chunk began; too few by two pieces at most
        self._unparsed = b""
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _ReadingOnDemand(transport, self._is_behind)
        self._responses = _Responses(transport)
        self._host = self.client[0] if self.client else ""
        self._write_deadline = WriteDeadline(self.loop, transport, self._limits.response_seconds)
        counter = self._limits.connections
        if counter.opened(self._host):
            self._start_timer()
        else:
            detail = f"More than {counter.most} connections from one address are open; use fewer at a time."
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "too-many-connections", detail)

    def connection_lost(self, exc: Exception | None) -> None:
        self._limits.connections.closed(self._host)
        self._write_deadline.stop()
        self._stop_timer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Called by the server when it begins to stop. uvicorn would wait for a stream until its time is over."""
        super().shutdown()
        if self.cycle is not None and callable(on_shutdown := self.cycle.scope.get(ON_SHUTDOWN)):
            on_shutdown()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self._unparsed = self._unparsed + data if self._unparsed else data
        self._parse()

    def _parse(self) -> None:
        """Parse what has been received, until a request has to wait for the response to the one before."""
        try:
            self._feed()
        except HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "not-http", "Invalid HTTP request received.")
            return
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

    def _feed(self) -> None:
        """Give the parser one piece after the other: a waiting request takes fifty times the memory of its bytes.

        A request to change the protocol is served as if it had not asked (RFC 9110, 7.8). The parser stops behind the
        head of such a request and takes what follows for another protocol. So another parser reads that head again,
        without `Upgrade`, and goes on with the body.
        """
        rest, self._unparsed = memoryview(self._unparsed), b""
        while rest and not self.transport.is_closing() and self._head_bytes <= _MAX_HEAD_BYTES:
            if self.pipeline:
                self._unparsed = bytes(rest)
                return
            in_body = self._incomplete and not self._in_head
            piece = rest[: _PIECE_OF_BODY if in_body else _PIECE_OF_HEAD]
            self._head_bytes += len(piece)
            try:
                self.parser.feed_data(piece)
            except HttpParserUpgrade as pause:
                piece = piece[: pause.args[0]]
                self._serve_without_upgrade()
            rest = rest[len(piece) :]

    def _serve_without_upgrade(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, "no-proxy", "This server is no proxy.")
            return
        head = self._head_without_upgrade()
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(head)

    def _head_without_upgrade(self) -> bytes:
        line = b"%b %b HTTP/%b" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode(),
        )
        headers = [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([line, *headers, b"", b""])

    def on_message_begin(self) -> None:
        if self._timer is not None:
            self._stop_timer()  # that of the previous request; this one has its own time
        self._incomplete = self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():  # the head comes again: see `_feed`
            return
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
        if self.parser.should_upgrade():
            return
        self._incomplete, self._head_bytes = False, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._unparsed and not self.pipeline and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._parse()
            self.flow.resume_reading()
        if self._incomplete and self._awaits_data():  # reading goes on only now
            self._start_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_deadline.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._write_deadline.stop()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._limit_closing()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        cycle.transport = self._responses
        task = self.loop.create_task(cycle.run_asgi(app))
        self.tasks.add(task)
        task.add_done_callback(self._end_task)

    def _end_task(self, task: Task[None]) -> None:
        self.tasks.discard(task)
        self._limit_closing()

    def _is_behind(self) -> bool:
        """Whether requests wait for the response to another one; nothing is read meanwhile."""
        return bool(self.pipeline or self._unparsed)

    def _awaits_data(self) -> bool:
        """Whether it is the client's turn to send something."""
        if self._is_behind():
            return False
        # After a response, the next data is the rest of its request or the beginning of another one.
        return self._incomplete or self.cycle is None or self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self._limits.request_seconds, self._time_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        if not self._incomplete:  # no request has begun
            self.transport.close()
            self._limit_closing()
            return
        detail = f"The request did not arrive within {self._limits.request_seconds:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request-timeout", detail)

    def _limit_closing(self) -> None:
        """Give a client that has not taken everything a time to do so: a closing connection waits for it."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._write_deadline.start()

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Respond and close; only close if a response is being sent, or an earlier one has to be sent first.

        Nor is a second response sent to a request that has been answered before its body was complete.
        """
        if self.transport.is_closing():
            return
        if not self._is_responding() and not self._is_answered():
            path, given = "", None
            if self._incomplete and not self._in_head:
                path, given = self.scope["path"], given_id(self.scope["headers"])
            name = given or secrets.token_hex(8).encode()
            # This runs outside of the task that answers the request.
            with bound_contextvars(requestId=name.decode()):
                if self._limits.refusals.may_log(self._host):
                    shown = quote(path[:_MAX_LOGGED_PATH])[:_MAX_LOGGED_PATH]
                    _log.info("%s is answered %d: %s", shown or "An incomplete request", status, detail)
                problem = build_problem(status, code, detail, path=path)
            self.transport.write(_encode(problem, name))
        self.transport.close()
        self._limit_closing()

    def _is_answered(self) -> bool:
        """Whether the request that is arriving has its response."""
        complete = self.cycle is not None and self.cycle.response_complete
        return complete and self._incomplete and not self._in_head

    def _is_responding(self) -> bool:
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self._in_head or bool(self.pipeline) or self.cycle.response_started


class _Responses(Transport):
    """The transport as responses see it: the rest of one whose client has hung up goes nowhere, and is no error."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport
        self.close, self.is_closing = transport.close, transport.is_closing  # type: ignore[method-assign]

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


class _ReadingOnDemand(FlowControl):
    """Pauses reading while pipelined requests wait for their turn.

    uvicorn resumes with each response, which reads a thousand small requests for each one answered, and keeps them all.
    """

    def __init__(self, transport: Transport, is_behind: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._is_behind = is_behind

    def resume_reading(self) -> None:
        if not self._is_behind():
            super().resume_reading()


def _encode(problem: ProblemResponse, name: bytes) -> bytes:
    """A response to a request that has no cycle of uvicorn's."""
    return STATUS_LINE[problem.status] + (
        b"content-type: %b\r\ncontent-length: %d\r\nx-request-id: %b\r\n%bconnection: close\r\n\r\n%b"
        % (MEDIA_TYPE.encode(), len(problem.body), name, _SECURITY, problem.body)
    )

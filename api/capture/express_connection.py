"""A uvicorn connection with an express lane: a plain request for it needs neither a task nor an ASGI call of its own.

uvicorn keeps what it knows of a request in a "cycle", and asks the newest one of a connection whether it has been
answered: before it reads on, when the connection ends and when the server stops. `_ExpressRequest` stands in the same
place with the same attributes, so that all this stays uvicorn's, and so does the order of pipelined requests.
"""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from litestar.types import HTTPReceiveMessage, Receive
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.access.throttle import Told
from api.capture.express_lane import TARGET, ExpressLane, Taken
from api.capture.known_heads import Fields, Head
from api.http.shutdown import CUT_OFF
from domain.errors import Unavailable
from engine.capture.appender import Appended

__all__ = ["ExpressConnection"]

_ANSWER = STATUS_LINE[HTTPStatus.ACCEPTED] + (
    b"%bcontent-type: application/json\r\nx-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
)


class _Lines:
    """The headers that every answer has, as they are sent: the same for many answers in a row."""

    def __init__(self) -> None:
        self._of: tuple[object, object] = (None, None)
        self._lines = b""

    def of(self, defaults: list[tuple[bytes, bytes]], told: Told) -> bytes:
        """Uvicorn's own, of which it makes a new list each second, and what is told of the limit."""
        if self._of[0] is not defaults or self._of[1] is not told:
            self._of = (defaults, told)
            self._lines = b"".join([b"%b: %b\r\n" % header for header in (*defaults, *told)])
        return self._lines


class _Unheard:
    """In place of the event by which uvicorn wakes an application that waits for more of its request."""

    def set(self) -> None:
        pass


class _ExpressRequest:
    """A request on the express lane: what uvicorn reads and writes of a cycle, and the scope and the body."""

    __slots__ = ("body", "disconnected", "fields", "keep_alive", "response_complete", "scope")
    message_event = _Unheard()
    response_started = False

    def __init__(self, scope: Any, fields: Fields) -> None:
        self.scope = scope
        self.fields = fields
        self.body = bytearray()
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False


class ExpressConnection(HttpToolsProtocol):
    """Gives plain requests to the express lane, and all others to the application."""

    _lane: ExpressLane
    _lines = _Lines()
    _arriving: _ExpressRequest | None = None
    """The request on the lane whose body has not arrived yet."""
    _known: Head | None = None
    """The head that need not be read."""
    _piece = b""
    """What is being read, if it is the beginning of a request."""
    _between = True
    """Whether no request has begun to arrive since the last one."""
    _went_express = False
    """Whether the last request whose head was read went by the lane. The parser stands ready for one like it then."""

    def data_received(self, data: bytes) -> None:
        if (
            self._went_express
            and self._between
            and self._is_free()
            and (found := self._lane.heads.split(data))
        ):
            self._take_known(*found)
            return
        self._piece = data if self._between else b""
        super().data_received(data)
        self._piece = b""

    def _take_known(self, head: Head, body: bytes) -> None:
        """What uvicorn and its parser do with a whole request, without reading its head."""
        self._unset_keepalive_if_required()
        self._known = head
        self.on_message_begin()
        self.headers += head.headers
        self.on_headers_complete()
        self.on_body(body)
        self.on_message_complete()

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        known, self._known = self._known, None
        fields = known.fields if known else self._lane.fields_of(self.url, self.headers)
        self._went_express = fields is not None and (known is not None or self._may_go_express())
        if fields is None or not self._went_express:
            super().on_headers_complete()
            return
        scope = cast("dict[str, Any]", self.scope)
        scope.update(method="POST", path=TARGET.decode(), raw_path=TARGET, query_string=b"")
        self._arriving = _ExpressRequest(scope, fields)
        self.cycle = cast("RequestResponseCycle", self._arriving)

    def on_body(self, body: bytes) -> None:
        if self._arriving is None:
            super().on_body(body)
        else:
            self._arriving.body += body  # of a length that was said and is bounded

    def on_message_complete(self) -> None:
        self._between = True
        request, self._arriving = self._arriving, None
        if request is None:
            super().on_message_complete()
            return
        try:
            taken = self._lane.take(request.scope, request.fields, request.body)
        except Exception as error:  # noqa: BLE001 - the framework knows what each becomes
            self._hand_on(request, error)
            return
        if taken is None:
            self._hand_on(request)
        else:
            if self._piece:
                self._lane.heads.remember(
                    self._piece, Head(tuple(request.scope["headers"]), request.fields, len(request.body))
                )
            # A stop waits for what is among the tasks, and cancels it in the end.
            self.tasks.add(cast("asyncio.Task[Any]", taken.stored))
            taken.stored.add_done_callback(partial(self._answer, request, taken))

    def _may_go_express(self) -> bool:
        parser = self.parser
        return (
            parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and self._is_free()
        )

    def _is_free(self) -> bool:
        """Whether every request before is answered, and the answers have been taken."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _answer(self, request: _ExpressRequest, taken: Taken, stored: asyncio.Future[list[Appended]]) -> None:
        """Answer once the events are stored, or it is known that they are not."""
        self.tasks.discard(cast("asyncio.Task[Any]", stored))
        failed = Unavailable(CUT_OFF) if stored.cancelled() else stored.exception()
        if request.disconnected:
            return
        if failed is not None:  # not raised here, where its traceback and the future would keep each other
            self._hand_on(request, cast("Exception", failed))
            return
        try:
            content = taken.answer()
        except Exception as error:  # noqa: BLE001 - the framework knows what each becomes
            self._hand_on(request, error)
            return
        self._write(request, taken, content)

    def _write(self, request: _ExpressRequest, taken: Taken, content: bytes) -> None:
        lines = self._lines.of(self.server_state.default_headers, taken.told)
        if not request.keep_alive:
            lines += b"connection: close\r\n"
        self.transport.write(_ANSWER % (lines, taken.name, len(content), content))
        request.response_complete = True
        if not request.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _hand_on(self, request: _ExpressRequest, error: Exception | None = None) -> None:
        """Let the application answer; with an error, that is what it meets in place of the body."""
        arrived = asyncio.Event()
        arrived.set()
        cycle = RequestResponseCycle(
            scope=request.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=arrived,
            expect_100_continue=False,
            keep_alive=request.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body, cycle.more_body = request.body, False
        if self.cycle is cast("RequestResponseCycle", request):
            self.cycle = cycle
        if error is not None:
            cycle.receive = cast("Any", _raising(error))  # type: ignore[method-assign]
        self._start_asgi_task(cycle, self.app)


def _raising(error: Exception) -> Receive:
    """A `receive` that raises this where the body was to come, and then says that nobody is there any more."""
    waiting = [error]
    # It is taken out to be raised: were it to stay here, its traceback would keep the whole request.

    async def receive() -> HTTPReceiveMessage:
        if waiting:
            raise waiting.pop()
        return {"type": "http.disconnect"}

    return receive

"""The express lane of POST /api/events: what nearly every request looks like, taken in without the framework.

A request for one event needs about 10 µs of our own and, through the framework's request, dependencies and response,
ten times as much. So what is plain, JSON of a known length and no more than the call takes, goes this way; all that
needs a closer look goes on to the handler behind it, which does the same in full. Routing, the guard and the OpenAPI
document are the framework's for both, and so are refusals: what went wrong here is raised in the handler.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    Receive,
    Scope,
    Send,
)

from engine.runtime import Runtime

__all__ = ["ExpressLane"]

_MOST_DIGITS = 9

Answering = Callable[[Runtime, bytes], Awaitable[bytes]]
"""Takes the body of a request, and gives that of its answer."""


class ExpressLane:
    """A Litestar middleware of one handler, which reads the body and gives the same answer.

    When something goes wrong here, the handler meets the error in place of the body.
    """

    def __init__(self, answer: Answering, status: HTTPStatus, most_bytes: int) -> None:
        self._answer = answer
        self._status = int(status)
        self._most_bytes = most_bytes

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The handler with this lane before it."""

        async def drive(scope: Scope, receive: Receive, send: Send) -> None:
            if not self._is_plain(scope):
                await app(scope, receive, send)
                return
            body = await _body(receive)
            if body is None:
                return
            try:
                content = await self._answer(scope["litestar_app"].state.runtime, body)
            except Exception as error:  # noqa: BLE001 - the framework knows what each becomes
                await app(scope, _raising(error), send)
                return
            await send(_start(self._status, len(content)))
            await send(_end(content))

        return drive

    def _is_plain(self, scope: Scope) -> bool:
        """Whether nothing is there that the handler might refuse before it reads the body."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or scope["query_string"]:
            return False
        is_json, length = False, b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                is_json = value == b"application/json"
            elif name == b"content-length":
                length = value
            elif name == b"content-encoding":
                return False
        return (
            is_json and length.isdigit() and len(length) <= _MOST_DIGITS and int(length) <= self._most_bytes
        )


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the sender has gone before its end."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        if not message["more_body"]:
            return message["body"] if not parts else b"".join((*parts, message["body"]))
        parts.append(message["body"])


def _raising(error: Exception) -> Receive:
    """A `receive` that raises this where the body was to come, and then says that nobody is there any more."""
    waiting = [
        error
    ]  # taken out to be raised: were it to stay here, its traceback would keep the whole request

    async def receive() -> HTTPReceiveMessage:
        if waiting:
            raise waiting.pop()
        return {"type": "http.disconnect"}

    return receive


def _start(status: int, length: int) -> HTTPResponseStartEvent:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _end(content: bytes) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": content, "more_body": False}

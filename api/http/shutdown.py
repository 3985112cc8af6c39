"""Answers the requests that are cut off when the process stops, so that their senders know to repeat them."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    Message,
    Receive,
    Scope,
    Send,
)

from api.http.problems import MEDIA_TYPE, Problem
from engine.process.log_context import request_id

__all__ = ["CUT_OFF", "answer_on_shutdown"]

CUT_OFF = "The server is stopping; repeat the request, with the same event ids."
"""What is said to whom a stop has cut off."""


def answer_on_shutdown(app: ASGIApp) -> ASGIApp:
    """The application, with a 503 in place of the bare 500 of a server that cancels what has not ended in time."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, noting)
        except asyncio.CancelledError:
            if begun or scope["type"] != ScopeType.HTTP:
                raise
            await _refuse(quote(scope["path"]), send)

    return answering


async def _refuse(path: str, send: Send) -> None:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    problem = Problem(
        type="urn:lead-engine:problem:unavailable",
        title=status.phrase,
        status=status,
        detail=CUT_OFF,
        code="unavailable",
        message=CUT_OFF,
        instance=path,
        request_id=request_id.get(),
    )
    body = msgspec.json.encode(problem)
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", b"1"),
            (b"x-request-id", problem.request_id.encode()),
            (b"connection", b"close"),
        ],
    }
    end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}
    await send(start)
    await send(end)

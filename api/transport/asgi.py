"""ASGI requests without the framework: reads a bounded body, sends a whole response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Send

from api.http.bodies import MAX_BODY_BYTES, too_large
from api.http.problems import MEDIA_TYPE, ProblemResponse

__all__ = ["read_body", "send_problem", "send_response"]


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], max_bytes: int = MAX_BODY_BYTES
) -> bytearray | None:
    """The body, or None if the client hangs up within it. Raises `ProblemError` 413 for one of more bytes.

    A declared length that is too large is refused before the body arrives.
    """
    if int(headers.get(b"content-length", b"0")) > max_bytes:
        raise too_large(max_bytes)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message["body"]
        if len(body) > max_bytes:
            raise too_large(max_bytes)
        if not message["more_body"]:
            return body


async def send_response(
    send: Send, status: int, media_type: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes
) -> None:
    """Send all of a response; its length is added to the headers."""
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", media_type),
            (b"content-length", b"%d" % len(body)),
            *headers,
        ],
    }
    end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}
    await send(start)
    await send(end)


async def send_problem(send: Send, problem: ProblemResponse) -> None:
    """Send an error response."""
    await send_response(send, problem.status, MEDIA_TYPE.encode(), problem.headers, problem.body)

"""Headers that are put on an answer from outside, as ASGI has them: pairs of bytes, names in small letters."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence

from litestar.types import Message, Send

__all__ = ["AnswerHeaders", "adding", "as_mapping", "as_pairs"]

AnswerHeaders = list[tuple[bytes, bytes]]


def as_pairs(headers: Mapping[str, str]) -> AnswerHeaders:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def as_mapping(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as Litestar has them; none of them stands twice."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def adding(headers: Sequence[tuple[bytes, bytes]], send: Send) -> Send:
    """A `send` that puts these headers on the answer."""
    if not headers:
        return send

    def send_more(
        message: Message,
    ) -> Awaitable[None]:  # no coroutine of its own: every answer comes through here
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        return send(message)

    return send_more

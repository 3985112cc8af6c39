"""Response headers as ASGI has them: pairs of bytes, names in lower case."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence

from litestar.types import Message, Send

__all__ = ["ResponseHeaders", "as_mapping", "as_pairs", "with_headers"]

ResponseHeaders = list[tuple[bytes, bytes]]


def as_pairs(headers: Mapping[str, str]) -> ResponseHeaders:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def as_mapping(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as Litestar has them; no name may occur twice."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """A `send` that adds these headers to the response."""
    if not headers:
        return send

    # Not a coroutine: every response passes through here.
    def send_with_headers(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        return send(message)

    return send_with_headers

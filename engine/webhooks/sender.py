"""Sends one message: one POST in bounded time, of whose response a bounded part is read; redirects are not followed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from ssl import SSLContext
from typing import TYPE_CHECKING

import httpcore
from msgspec import Struct

from engine.webhooks.egress_policy import EgressPolicy
from engine.webhooks.guarded_network import GuardedNetwork, Resolve

if TYPE_CHECKING:
    import httpx

__all__ = ["MAX_CHARACTERS", "Response", "Sender"]

MAX_CHARACTERS = 500
"""How much of a response's text is kept."""

_MAX_BYTES = 4 * MAX_CHARACTERS
_CONNECT_SECONDS = 5.0
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": f"lead-engine/{version('lead-engine')}",
    "Accept-Encoding": "identity",
}
_BROKEN = (TimeoutError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class Response(Struct, frozen=True):
    """The response of a receiver."""

    status: int
    text: str = ""
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx. A redirect is not followed, so it is a failure."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the range of success


class Sender:
    """Posts to where the egress policy allows, each time on a new connection."""

    def __init__(
        self,
        policy: EgressPolicy,
        seconds: float,
        *,
        resolve: Resolve | None = None,
        trust: SSLContext | None = None,
    ) -> None:
        """`seconds` bounds everything from resolving the name to reading the response."""
        self._policy = policy
        self._seconds = seconds
        self._network = GuardedNetwork(policy, resolve)
        self._trust = trust

    @cached_property
    def _certificates(self) -> SSLContext:
        """The trusted authorities: those of SSL_CERT_FILE or the usual ones. Loaded when they are first needed."""
        import httpx  # noqa: PLC0415 - 2 MB that only processes with webhooks pay for

        return self._trust or httpx.create_ssl_context()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The response, whatever its status.

        Raises `Refused`, `TimeoutError`, or what the network raises when no status came. A response whose text breaks
        off or does not end counts all the same.
        """
        target = self._policy.check(url)
        certificates = self._certificates if target.scheme == "https" else None
        text = bytearray()
        status: int | None = None
        retry_after: str | None = None
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpcore.AsyncConnectionPool(certificates, network_backend=self._network) as pool,
                pool.stream(
                    "POST",
                    _url(target),
                    headers=[*_HEADERS.items(), ("Host", target.netloc.decode()), *headers.items()],
                    content=body,
                    extensions={"timeout": {"connect": _CONNECT_SECONDS}},
                ) as response,
            ):
                status, retry_after = response.status, _retry_after(response)
                async for piece in response.aiter_stream():
                    text += piece
                    if len(text) >= _MAX_BYTES:
                        break
        except _BROKEN:
            if status is None:
                raise
        kept = text[:_MAX_BYTES].decode(errors="replace")[:MAX_CHARACTERS]
        return Response(status, kept, retry_after)


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _retry_after(response: httpcore.Response) -> str | None:
    values = [value for name, value in response.headers if name.lower() == b"retry-after"]
    return values[0].decode("ascii", "replace") if values else None

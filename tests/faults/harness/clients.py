"""The one place where the fault tests make HTTP clients."""

from __future__ import annotations

import httpx

from tests import http_client

__all__ = ["open_client"]


def open_client(url: str, *, connections: int = 100, seconds: float = 30) -> httpx.AsyncClient:
    """A client of the API that gives up on an answer after so many seconds."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return http_client.open_client(url, limits=limits, timeout=seconds)

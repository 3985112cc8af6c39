"""The one place where the fault tests make HTTP clients."""

from __future__ import annotations

import httpx

__all__ = ["open_client"]


def open_client(url: str, *, connections: int = 100, seconds: float = 30) -> httpx.AsyncClient:
    """A client of the API that gives up on an answer after so many seconds."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=seconds, trust_env=False)

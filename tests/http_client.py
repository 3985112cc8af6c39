"""HTTP clients of tests, for plain HTTP only: to load the certificates of authorities takes 20 ms of processor time each."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

__all__ = ["open_client"]

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_client(url: str | httpx.URL, *, timeout: float = 20, **options: Any) -> httpx.AsyncClient:
    """A client of a local server, without the proxies of the environment."""
    return httpx.AsyncClient(base_url=url, timeout=timeout, trust_env=False, verify=_TRUSTS_NOBODY, **options)

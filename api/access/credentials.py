"""The key that a request shows, and where it says it comes from."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_network

from litestar.types import HTTPScope
from msgspec import Struct

__all__ = ["Credentials", "address_of", "key_in", "read_credentials", "shown_in"]

_NAMES = frozenset({b"authorization", b"x-api-key", b"origin", b"access-control-request-method"})
_PLAIN = b"\0"
"""Marks a key from `X-API-Key`; no header can hold this byte, so it is never taken for an `Authorization`."""
_SHARED_BITS = 64
"""Whoever has one address of IPv6 usually has all those that begin with the same 64 bits."""


class Credentials(Struct, frozen=True):
    """What the headers say: what is shown as a key, and the origin of the web page that calls, if one does."""

    shown: bytes | None
    origin: str | None
    asks_first: bool
    """Whether this is a browser's question whether it may call (a CORS preflight)."""

    def __repr__(self) -> str:
        return f"Credentials(origin={self.origin})"


def read_credentials(scope: HTTPScope) -> Credentials:
    """Read what is shown in `X-API-Key`, else in `Authorization`.

    `X-API-Key` comes first, because a proxy with a login of its own passes that login on as `Authorization`.
    """
    plain: bytes | None = None
    shown: bytes | None = None
    origin: bytes | None = None
    asks_first = False
    for name, value in scope["headers"]:
        if name not in _NAMES:
            continue
        if name == b"authorization":
            shown = value
        elif name == b"origin":
            origin = value
        elif name == b"x-api-key":
            plain = _PLAIN + value
        else:
            asks_first = scope["method"] == "OPTIONS"
    return Credentials(plain or shown, origin.decode("latin-1") if origin is not None else None, asks_first)


def shown_in(fields: Mapping[bytes, bytes]) -> bytes | None:
    """What `read_credentials` calls shown, of headers none of which stands twice."""
    plain = fields.get(b"x-api-key")
    return fields.get(b"authorization") if plain is None else _PLAIN + plain


def key_in(shown: bytes) -> str:
    """The key in what is shown: as it is, as Bearer, or as the user name of Basic; empty if there is none."""
    text = shown.decode("latin-1")
    if shown.startswith(_PLAIN):
        return text[len(_PLAIN) :]
    scheme, _, value = text.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            return _user_of(value.strip())
    return ""


def address_of(scope: HTTPScope) -> str:
    """Who is counted as one caller: an address, or the network of 64 bits of an IPv6 address."""
    client = scope.get("client")
    return _network_of(client[0]) if client else ""


def _user_of(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("latin-1").partition(":")[0]
    except binascii.Error:
        return ""


@lru_cache(1024)
def _network_of(host: str) -> str:
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _SHARED_BITS), strict=False))

"""The address of a client, as limits count it."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_network

from litestar.types import HTTPScope

__all__ = ["client_address", "network_of"]

_NETWORK_BITS = 64
"""The owner of one IPv6 address usually has all those that begin with the same 64 bits."""


def client_address(scope: HTTPScope) -> str:
    """The address that counts as one caller: an IPv4 address, or the /64 network of an IPv6 address."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


@lru_cache(1024)
def network_of(host: str) -> str:
    """The IPv4 address, or the /64 network of the IPv6 address; anything else as it is."""
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _NETWORK_BITS), strict=False))

"""Reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: nobody's, unless they are named."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from domain.errors import Invalid

__all__ = ["TrustedProxies", "with_trusted_proxies"]

_SCHEMES = frozenset({"http", "https"})


class TrustedProxies:
    """The addresses and networks of trusted reverse proxies, from a list with commas; `*` is everybody.

    Raises `Invalid` for what is neither.
    """

    def __init__(self, given: str) -> None:
        names = [name for part in given.split(",") if (name := part.strip())]
        self._everybody = "*" in names
        self._networks = tuple(_network(name) for name in names if name != "*")
        self._trusts = lru_cache(1024)(self._look_up)

    def __contains__(self, host: str) -> bool:
        return self._everybody or (bool(self._networks) and self._trusts(host))

    def client_of(self, forwarded_for: Iterable[str]) -> str | None:
        """The client that the values of `X-Forwarded-For` name: the last one that is no trusted proxy.

        None if that is no address: then nobody knows better than that the peer sent it.
        """
        hops = [hop.strip() for value in forwarded_for for hop in value.split(",")]
        for hop in reversed(hops):
            if (address := _address(hop)) is None:
                return None
            if str(address) not in self:
                return str(address)
        return str(_address(hops[0])) if hops else None

    def _look_up(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


def with_trusted_proxies(app: ASGIApp, trusted: TrustedProxies) -> ASGIApp:
    """The application, which sees the client and the scheme that a trusted proxy names."""

    # Not a coroutine: every request passes through here.
    def forwarded(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        client = scope.get("client")
        if scope["type"] == ScopeType.HTTP and client and client[0] in trusted:
            _believe(scope, trusted)
        return app(scope, receive, send)

    return forwarded


def _believe(scope: HTTPScope, trusted: TrustedProxies) -> None:
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    if client := trusted.client_of(named):
        scope["client"] = (client, 0)
    schemes = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    if schemes and (scheme := schemes[-1].decode("latin-1").strip().lower()) in _SCHEMES:
        scope["scheme"] = cast("Any", scheme)


def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        raise Invalid(f"TRUSTED_PROXIES: '{name}' is neither an address nor a network.") from None


def _address(hop: str) -> IPv4Address | IPv6Address | None:
    """The address of a hop, without its port if some proxy adds one. None if it is no address."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        address = ip_address(hop)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

"""The egress policy against SSRF: which URLs webhooks may be sent to, and which addresses are public."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from typing import TYPE_CHECKING

from domain.errors import Invalid

if TYPE_CHECKING:
    import httpx

__all__ = ["EgressPolicy", "Refused", "is_public"]

_MAX_PORT = 65535
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(rb"[a-z0-9._:-]+")
_HOST_AND_PORT = re.compile(r"[^\s/@?#%*]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24")))
"""Metadata services of clouds that have a global address; all others are link-local or private."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Invalid):
    """The URL, or an address of its host, violates the egress policy."""


class EgressPolicy:
    """Allows https to public addresses, and anything to the hosts that the settings exempt."""

    def __init__(self, *, allow_http: bool = False, allowed_hosts: str = "") -> None:
        """`allowed_hosts`: commas between host or host:port, IPv6 in brackets. Raises `Invalid`."""
        self._allow_http = allow_http
        self._allowed = frozenset(_allowed_host(entry) for entry in allowed_hosts.split(",") if entry.strip())

    def exempts(self, host: str, port: int) -> bool:
        """Whether the settings exempt the host from all further checks."""
        host = host.lower().rstrip(".")
        return (host, port) in self._allowed or (host, None) in self._allowed

    def check(self, text: str) -> httpx.URL:
        """The parsed URL, if the policy allows it as far as it can be known without resolving its name. Raises `Refused`."""
        url = _parsed(text)
        host, port = url.raw_host.decode(), url.port if url.port is not None else _PORTS.get(url.scheme)
        if url.scheme not in _PORTS or port is None or not _HOST.fullmatch(url.raw_host):
            raise Refused("must be an https URL with a host")
        if not 1 <= port <= _MAX_PORT:
            raise Refused("must have a port from 1 to 65535")
        if url.userinfo or url.fragment:
            raise Refused("must have no user, password or fragment: they would not be sent")
        if self.exempts(host, port):
            return url
        if url.scheme != "https" and not self._allow_http:
            raise Refused("must begin with https://")
        address = _literal(host)
        if address is not None and not is_public(address):
            raise Refused("must not name an address that is not public")
        return url


def _parsed(text: str) -> httpx.URL:
    """The URL. Raises `Refused`."""
    import httpx  # noqa: PLC0415 - 2 MB that only processes with webhooks pay for

    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise Refused(f"is not a URL: {error}") from error


def is_public(text: str) -> bool:
    """Whether an address, or the IPv4 address inside it, is one of the public internet."""
    address = _unwrapped(ipaddress.ip_address(text))
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_private)
        and not (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
        and not any(address in network for network in _METADATA)
    )


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> str | None:
    """The address that a host is if it is not a name, in every form the system accepts: 127.1, 0x7f000001, 0177.0.0.1."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host))
    with contextlib.suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    return None


def _allowed_host(entry: str) -> tuple[str, int | None]:
    entry = entry.strip()
    if _HOST_AND_PORT.fullmatch(entry):
        with contextlib.suppress(Refused):
            url = _parsed(f"any://{entry}")  # a scheme without a usual port, so that a given one is kept
            return url.raw_host.decode().lower().rstrip("."), url.port
    raise Invalid(f"WEBHOOK_ALLOWED_HOSTS is wrong: '{entry}' is neither host nor host:port.")

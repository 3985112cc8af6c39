"""Network connections under the egress policy, safe against DNS rebinding.

A name is resolved once, all its addresses are checked, and the connection goes to one of these: the resolver is not
asked again, so a name that changes its address in between gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpcore

from engine.webhooks.egress_policy import EgressPolicy, Refused, is_public

__all__ = ["GuardedNetwork", "Resolve"]

_MAX_ADDRESSES = 4
_RESOLVING_THREADS = 8

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Every address of a host."""


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses, and to the hosts that the settings exempt."""

    def __init__(self, policy: EgressPolicy, resolve: Resolve | None = None) -> None:
        self._policy = policy
        self._resolve = resolve or _Resolver().addresses
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. Raises `Refused` if any of them is not public."""
        addresses = await self._resolve(host, port)
        if not self._policy.exempts(host, port) and not all(map(is_public, addresses)):
            raise Refused("the host has an address that is not public")
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in addresses[:_MAX_ADDRESSES]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Resolver:
    """Resolves names by the operating system, in threads of its own: a name server that hangs delays webhooks only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVING_THREADS, "webhook-resolver")

    async def addresses(self, host: str, port: int) -> list[str]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)


def _look_up(host: str, port: int) -> list[str]:
    # As bytes, since text would go through an old IDNA that fails in its own way.
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))

"""What one client address may hold in connections, and how many refused requests of its connections are logged."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from api.transport.client_address import network_of
from api.transport.proxies import TrustedProxies

__all__ = ["ConnectionCounter", "ConnectionLimits", "RefusalLog"]

_log = logging.getLogger(__name__)

_PERIOD_SECONDS = 60.0
_ADDRESSES = 10
"""Lines per period for all addresses together, as a multiple of those for one."""


class ConnectionCounter:
    """The open connections per address. Trusted proxies are exempt: each of them carries many clients."""

    def __init__(self, most: int, exempt: TrustedProxies) -> None:
        self.most = most
        self._exempt = exempt
        self._open: Counter[str] = Counter()

    def opened(self, host: str) -> bool:
        """Count a connection. Returns whether it is within the limit; `closed` must be called either way."""
        address = network_of(host)
        self._open[address] += 1
        return self._open[address] <= self.most or host in self._exempt

    def closed(self, host: str) -> None:
        """Forget a connection."""
        address = network_of(host)
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


class RefusalLog:
    """Logs refused requests, so many per minute and address; the rest is counted and reported in one line."""

    def __init__(self, per_address: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_address = per_address
        self._clock = clock
        self._began = clock()
        self._logged: Counter[str] = Counter()
        self._lines = self._left_out = 0

    def may_log(self, host: str) -> bool:
        """Count a refusal. Returns whether it may be logged."""
        if self._clock() - self._began >= _PERIOD_SECONDS:
            self._begin()
        address = network_of(host)
        if self._lines >= self._per_address * _ADDRESSES or self._logged[address] >= self._per_address:
            self._left_out += 1
            return False
        self._logged[address] += 1
        self._lines += 1
        return True

    def _begin(self) -> None:
        if self._left_out:
            _log.warning("%d more malformed, slow or excessive requests were refused", self._left_out)
        self._began, self._lines, self._left_out = self._clock(), 0, 0
        self._logged.clear()


@dataclass(frozen=True)
class ConnectionLimits:
    """The limits of the connections of one process; times in seconds."""

    request_seconds: float
    """For a request to arrive, head and body."""
    response_seconds: float = 30.0
    """For a client to take what was written to it."""
    connections: ConnectionCounter = field(
        default_factory=lambda: ConnectionCounter(1000, TrustedProxies(""))
    )
    refusals: RefusalLog = field(default_factory=lambda: RefusalLog(60))

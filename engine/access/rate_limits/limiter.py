"""A rate limiter that leases tokens from Redis in bulk and spends them in memory.

Asking Redis per request would double the cost of a small one. So a process leases a tenth of a second's worth of
tokens at a time, at least one, and the next ones while it still has half of them: some ten Redis calls per second and
caller, however many requests come, and a caller within the limit waits for Redis only the first time.

The price is precision. A process may hold up to one and a half times as many tokens, which no other can spend
meanwhile, and which may be spent later, on top of a full bucket. So with n processes a caller gets at most n times
0.15 s of the rate more than the limit, once, or is refused that much early. Limits below twenty per second are exact.

When Redis does not answer, each process counts locally and retries every other second. A caller may then have the
whole limit in each process, but is never without one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from domain.errors import Unavailable
from engine.access.rate_limits.local_buckets import LocalBuckets
from engine.access.rate_limits.policy import Lease, Policy
from engine.access.rate_limits.shared_buckets import SharedBuckets
from engine.process.tasks import cancel_and_wait

__all__ = ["MAX_CALLERS", "Acquired", "Limiter"]

_log = logging.getLogger(__name__)

MAX_CALLERS = 10_000
"""Callers whose tokens a process holds; beyond it those of the first one are dropped."""

_LEASE_SECONDS = 0.1
_FALLBACK_SECONDS = 2.0


class Acquired(NamedTuple):
    """Whether there was a token, how many were left when they were last leased, and else the seconds until there is one."""

    allowed: bool
    left: float
    wait: float


class _LocalTokens:
    """The tokens of one caller in this process, and whether more are being leased."""

    __slots__ = ("fetching", "left", "refused_until", "tokens")

    def __init__(self) -> None:
        self.tokens = 0
        self.left = 0.0
        self.refused_until = 0.0
        self.fetching: asyncio.Task[None] | None = None


class Limiter:
    """Limits callers by one policy."""

    def __init__(
        self, policy: Policy, shared: SharedBuckets, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.policy = policy
        self._shared = shared
        self._local = LocalBuckets(policy, clock)
        self._clock = clock
        self._bulk = max(1, int(policy.rate * _LEASE_SECONDS))
        self._low = self._bulk // 2
        self._fallback_until = 0.0
        self._held: dict[str, _LocalTokens] = {}

    def try_acquire_local(self, name: str) -> float | None:
        """Spend a token that this process holds. Returns how many were left at the last lease, None if it holds none."""
        held = self._held.get(name)
        if held is None or not held.tokens:
            return None
        held.tokens -= 1
        if held.tokens < self._low and held.fetching is None:
            self._fetch(name, held)
        return held.left

    async def acquire(self, name: str) -> Acquired:
        """Spend a token of the caller, if there is one."""
        held = self._held.get(name) or self._add(name)
        while not held.tokens:
            wait = held.refused_until - self._clock()
            if wait > 0:
                return Acquired(False, 0.0, wait)
            await asyncio.shield(held.fetching or self._fetch(name, held))
        held.tokens -= 1
        return Acquired(True, held.left, 0.0)

    async def close(self) -> None:
        """Cancel the leases that are in progress."""
        for held in self._held.values():
            if held.fetching is not None:
                await cancel_and_wait(held.fetching)

    def _add(self, name: str) -> _LocalTokens:
        if len(self._held) >= MAX_CALLERS:
            del self._held[next(iter(self._held))]
        self._held[name] = _LocalTokens()
        return self._held[name]

    def _fetch(self, name: str, held: _LocalTokens) -> asyncio.Task[None]:
        """Lease more tokens in the background."""

        async def fetch() -> None:
            try:
                lease = await self._lease(name)
                held.tokens += lease.granted
                held.left = lease.left
                if not lease.granted:
                    held.refused_until = self._clock() + lease.wait
            finally:
                held.fetching = None

        held.fetching = asyncio.create_task(fetch(), name="tokens")
        return held.fetching

    async def _lease(self, name: str) -> Lease:
        if self._clock() >= self._fallback_until:
            try:
                return await self._shared.lease(name, self._bulk)
            except Unavailable as error:
                self._fallback_until = self._clock() + _FALLBACK_SECONDS
                _log.warning("Requests are limited per process: %s", error)
        return self._local.lease(name, self._bulk)

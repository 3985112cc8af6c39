"""Token buckets in the memory of one process."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.access.rate_limits.policy import Lease, Policy

__all__ = ["MAX_BUCKETS", "LocalBuckets"]

MAX_BUCKETS = 10_000
"""Buckets in memory; beyond it the least recently used one is evicted, which refills it."""


class LocalBuckets:
    """One bucket per name, all by the same policy."""

    def __init__(self, policy: Policy, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def lease(self, name: str, want: int = 1) -> Lease:
        """Take up to `want` tokens from a bucket."""
        policy, now = self._policy, self._clock()
        level, at = self._levels.pop(name, (float(policy.burst), now))
        level = min(policy.burst, level + (now - at) * policy.rate)
        granted = min(want, int(level))
        level -= granted
        self._levels[name] = (level, now)
        if len(self._levels) > MAX_BUCKETS:
            del self._levels[next(iter(self._levels))]
        return Lease(granted, level, max(0.0, 1 - level) / policy.rate)

"""Token buckets in Redis, shared by every process. Losing them refills them, and does no other harm."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import Unavailable
from engine.access.rate_limits.policy import Lease, Policy

__all__ = ["SharedBuckets", "connect_redis"]

_ANSWER_SECONDS = 0.25
"""Longest that a request waits for Redis before it is counted locally."""

_LEASE = """
local rate, burst, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local stored = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
level = math.min(burst, level + math.max(0, now - at) * rate)
local granted = math.min(want, math.floor(level))
level = level - granted
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * burst / rate) + 1000)
return {granted, string.format('%.6f', level)}
"""
"""Refills the bucket by the time elapsed, and grants up to the wanted tokens. By the clock of Redis."""


def connect_redis(url: str) -> Redis:
    """A client with short time-outs."""
    return Redis.from_url(
        url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once, for a connection that the server closed while it was idle
    )


class SharedBuckets:
    """One bucket per name, all by the same policy."""

    def __init__(self, redis: Redis, namespace: str, policy: Policy) -> None:
        self._lease = redis.register_script(_LEASE)
        self._prefix = f"{namespace}:limit:{policy.name}:"
        self._policy = policy

    async def lease(self, name: str, want: int = 1) -> Lease:
        """Take up to `want` tokens from a bucket. Raises `Unavailable` when Redis does not answer at once."""
        rate, burst = self._policy.rate, self._policy.burst
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                granted, level = await self._lease([self._prefix + name], [rate, burst, want])
        except (RedisError, OSError) as error:  # a time-out is an OSError
            raise Unavailable(f"Redis does not answer: {error}") from error
        left = float(level)
        return Lease(int(granted), left, max(0.0, 1 - left) / rate)

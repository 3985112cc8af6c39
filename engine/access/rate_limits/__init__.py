"""Rate limits: token buckets in Redis, shared by all processes, with local ones as a fallback."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.access.rate_limits.limiter import Limiter
from engine.access.rate_limits.policy import Policy
from engine.access.rate_limits.shared_buckets import SharedBuckets, connect_redis
from engine.settings import Settings

__all__ = ["RateLimits", "open_rate_limits"]

_BURST_SECONDS = 2
_MINUTE = 60.0
_ACCOUNTS_PER_ADDRESS = 5
"""Accounts whose attempts to sign in an address may use up."""


@dataclass(frozen=True)
class RateLimits:
    """The limits of the API: per key or person, per client address, and per client address for failed authentication.

    Attempts to sign in are limited per client address and per account.
    """

    key: Limiter
    address: Limiter
    failures: Limiter
    sign_ins: Limiter
    accounts: Limiter


@contextlib.asynccontextmanager
async def open_rate_limits(settings: Settings) -> AsyncIterator[RateLimits]:
    """Connect to the Redis of the settings, which need not answer."""
    redis = connect_redis(settings.redis_url)
    namespace = f"lead-engine:{settings.mongodb_database}"

    def limiter(name: str, rate: float, burst: int) -> Limiter:
        policy = Policy(name, rate, burst)
        return Limiter(policy, SharedBuckets(redis, namespace, policy))

    key, address = settings.rate_limit, settings.rate_limit_address
    failures = settings.auth_failures_per_minute
    per_account = settings.sign_ins_per_minute
    per_address = per_account * _ACCOUNTS_PER_ADDRESS
    limits = RateLimits(
        key=limiter("key", key, key * _BURST_SECONDS),
        address=limiter("address", address, address * _BURST_SECONDS),
        failures=limiter("failures", failures / _MINUTE, failures),
        sign_ins=limiter("sign-in", per_address / _MINUTE, per_address),
        accounts=limiter("account", per_account / _MINUTE, per_account),
    )
    try:
        yield limits
    finally:
        for one in (limits.key, limits.address, limits.failures, limits.sign_ins, limits.accounts):
            await one.close()
        await redis.aclose()

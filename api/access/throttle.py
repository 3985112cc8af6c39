"""Rate limiting of requests: counts them per caller, reports the quota in headers, refuses with 429 beyond it.

`RateLimit-Policy` and `RateLimit` are those of draft-ietf-httpapi-ratelimit-headers: `q` requests are allowed in `w`
seconds, `r` of them are left, and in `t` seconds all of them will be available again.
"""

from __future__ import annotations

import math
from functools import lru_cache
from http import HTTPStatus

from api.http.headers import ResponseHeaders
from api.http.problems import ProblemError
from engine.access.rate_limits.limiter import Limiter

__all__ = ["RateLimitHeaders", "Throttle"]

RateLimitHeaders = tuple[tuple[bytes, bytes], tuple[bytes, bytes]]
"""`RateLimit-Policy` and `RateLimit`."""

_MAX_CACHED_HEADERS = 1024


class Throttle:
    """One limit, and the refusal of requests beyond it."""

    def __init__(self, limiter: Limiter, code: str, detail: str) -> None:
        policy = limiter.policy
        self._limiter = limiter
        self._name, self._rate, self._burst = policy.name, policy.rate, policy.burst
        quota = f'"{policy.name}";q={policy.burst};w={math.ceil(policy.window)}'
        self._quota = (b"ratelimit-policy", quota.encode())
        self._headers = lru_cache(_MAX_CACHED_HEADERS)(self._write)  # the same until Redis is asked again
        self._code, self._detail = code, detail

    def try_acquire_local(self, caller: str) -> RateLimitHeaders | None:
        """Count a request against the tokens that this process holds; None if it has none and must ask Redis."""
        left = self._limiter.try_acquire_local(caller)
        return None if left is None else self._headers(left)

    async def acquire(self, caller: str, headers: ResponseHeaders, *, report: bool = True) -> None:
        """Count a request of this caller. Raises `ProblemError` 429 if it is beyond the limit.

        The quota is added to the response's headers, if it is to be reported or the request is refused.
        """
        quota = self.try_acquire_local(caller)
        if quota is None:
            spent = await self._limiter.acquire(caller)
            quota = self._headers(spent.left)
            if not spent.allowed:
                wait = str(max(1, math.ceil(spent.wait))).encode()
                headers += (*quota, (b"retry-after", wait))
                raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, self._code, self._detail, headers)
        if report:
            headers += quota

    def _write(self, left: float) -> RateLimitHeaders:
        full_in = math.ceil((self._burst - left) / self._rate)
        now = f'"{self._name}";r={int(left)};t={full_in}'
        return self._quota, (b"ratelimit", now.encode())

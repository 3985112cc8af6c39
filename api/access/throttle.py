"""Counts callers, tells them how much is left, and turns those away for a while who come too often.

`RateLimit-Policy` and `RateLimit` are those of draft-ietf-httpapi-ratelimit-headers: `q` requests are allowed in `w`
seconds, `r` of them are left, and in `t` seconds all of them will be there again.
"""

from __future__ import annotations

import math
from functools import lru_cache
from http import HTTPStatus

from api.http.headers import AnswerHeaders
from api.http.problems import ProblemError
from engine.access.rate_limits.limiter import Limiter

__all__ = ["Throttle", "Told"]

Told = tuple[tuple[bytes, bytes], tuple[bytes, bytes]]
"""The two headers."""

_MAX_TOLD = 1024


class Throttle:
    """One limit, and what is said when it is reached."""

    def __init__(self, limiter: Limiter, code: str, detail: str) -> None:
        policy = limiter.policy
        self._limiter = limiter
        self._name, self._rate, self._burst = policy.name, policy.rate, policy.burst
        quota = f'"{policy.name}";q={policy.burst};w={math.ceil(policy.window)}'
        self._quota = (b"ratelimit-policy", quota.encode())
        self._told = lru_cache(_MAX_TOLD)(self._write)  # it is the same until Redis is asked again
        self._code, self._detail = code, detail

    def count_held(self, name: str) -> Told | None:
        """Count a request for which this process has a token in hand; None if it must ask for one.

        Returns the headers that tell what is left.
        """
        left = self._limiter.spend_held(name)
        return None if left is None else self._told(left)

    async def count(self, name: str, headers: AnswerHeaders, *, tell: bool = True) -> None:
        """Count a request of this caller. Raises `ProblemError` 429 if it is one too many.

        The headers are added to those of the answer, if they are to be told or the request is refused.
        """
        told = self.count_held(name)
        if told is None:
            spent = await self._limiter.spend(name)
            told = self._told(spent.left)
            if not spent.allowed:
                wait = str(max(1, math.ceil(spent.wait))).encode()
                headers += (*told, (b"retry-after", wait))
                raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, self._code, self._detail, headers)
        if tell:
            headers += told

    def _write(self, left: float) -> Told:
        full_in = math.ceil((self._burst - left) / self._rate)
        now = f'"{self._name}";r={int(left)};t={full_in}'
        return self._quota, (b"ratelimit", now.encode())

"""What browsers are told about calls from web pages of other origins (CORS): only who has a key for its origin."""

from __future__ import annotations

from api.http.headers import AnswerHeaders, as_pairs

__all__ = ["cross_origin_headers", "preflight_headers"]

_REMEMBER_SECONDS = 600
_OF_ANSWERS = as_pairs(
    {
        "Access-Control-Expose-Headers": "ratelimit, ratelimit-policy, retry-after, x-request-id",
        "Vary": "Origin",
    }
)
_OF_PREFLIGHTS = as_pairs(
    {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, x-api-key, x-request-id, x-retry-count",
        "Access-Control-Max-Age": str(_REMEMBER_SECONDS),
    }
)


def cross_origin_headers(origin: str) -> AnswerHeaders:
    """Headers of an answer that a page of this origin may read."""
    return [(b"access-control-allow-origin", origin.encode("latin-1")), *_OF_ANSWERS]


def preflight_headers() -> AnswerHeaders:
    """What is added in the answer to a browser that asks whether it may call at all."""
    return list(_OF_PREFLIGHTS)

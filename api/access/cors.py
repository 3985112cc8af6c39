"""CORS headers for web pages of other origins: only for origins that an API key names."""

from __future__ import annotations

from api.http.headers import ResponseHeaders, as_pairs

__all__ = ["cross_origin_headers", "preflight_headers"]

_MAX_AGE_SECONDS = 600
_OF_RESPONSES = as_pairs(
    {
        "Access-Control-Expose-Headers": "ratelimit, ratelimit-policy, retry-after, x-request-id",
        "Vary": "Origin",
    }
)
_OF_PREFLIGHTS = as_pairs(
    {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, x-api-key, x-request-id, x-retry-count, sent-at",
        "Access-Control-Max-Age": str(_MAX_AGE_SECONDS),
    }
)


def cross_origin_headers(origin: str) -> ResponseHeaders:
    """Headers of a response that a page of this origin may read."""
    return [(b"access-control-allow-origin", origin.encode("latin-1")), *_OF_RESPONSES]


def preflight_headers() -> ResponseHeaders:
    """Headers that answer a browser's preflight request."""
    return list(_OF_PREFLIGHTS)

"""What browsers are told about calls from web pages of other origins (CORS): only who has a key for its origin."""

from __future__ import annotations

__all__ = ["cross_origin_headers", "preflight_headers"]

_SENDS = "authorization, content-type, x-api-key, x-request-id, x-retry-count"
_READS = "ratelimit, ratelimit-policy, retry-after, x-request-id"
_REMEMBER_SECONDS = 600


def cross_origin_headers(origin: str) -> dict[str, str]:
    """Headers of an answer that the page may read."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _READS,
        "Vary": "Origin",
    }


def preflight_headers(origin: str) -> dict[str, str]:
    """Headers of the answer to a browser that asks whether it may call at all."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": _SENDS,
        "Access-Control-Max-Age": str(_REMEMBER_SECONDS),
        "Vary": "Origin",
    }

"""Signature schemes that several providers share. Every comparison takes constant time and is of raw bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

from domain.hooks.request import HookRequest, Secrets, WrongSignature
from domain.instant import SECOND

__all__ = [
    "equal",
    "require_any",
    "require_recent",
    "require_shared_secret",
    "require_timestamped",
    "sha1",
    "sha256",
]

_MAX_SIGNATURES = 10
"""Signatures in one header that are compared; more come from nobody who means well."""


def sha256(key: str | bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of the message."""
    return hmac.digest(key.encode() if isinstance(key, str) else key, message, hashlib.sha256)


def sha1(key: str, message: bytes) -> bytes:
    """HMAC-SHA1 of the message, for Twilio."""
    return hmac.digest(key.encode(), message, hashlib.sha1)


def equal(given: str, expected: str) -> bool:
    """Whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def require_any(given: Iterable[str], expected: Iterable[str]) -> None:
    """Raise `WrongSignature` unless one of the given signatures is one of the expected ones."""
    right = list(expected)
    matches = [equal(one, other) for one in list(given)[:_MAX_SIGNATURES] for other in right]
    if not any(matches):
        raise WrongSignature("The signature does not match.")


def require_recent(timestamp: str, request: HookRequest, secrets: Secrets, *, unit: int = SECOND) -> None:
    """Raise `WrongSignature` for a signed time that is too far from now; `unit` is its unit in milliseconds."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 16:  # noqa: PLR2004
        raise WrongSignature("The signature has no time.")
    if abs(int(timestamp) * unit - request.received_at) > secrets.tolerance:
        raise WrongSignature("The signature is too old, or from the future.")


def require_timestamped(request: HookRequest, secrets: Secrets, header: str) -> None:
    """Check `t=TIME,v1=HEX,...`: HMAC-SHA256 of the time, a dot and the body, as Stripe and Calendly sign."""
    timestamp, given = "", []
    for part in request.header(header).split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            timestamp = value
        elif name == "v1":
            given.append(value)
    signed = timestamp.encode() + b"." + request.body
    require_any(given, [sha256(secret, signed).hex() for secret in secrets.values])
    require_recent(timestamp, request, secrets)


def require_shared_secret(request: HookRequest, secrets: Secrets) -> None:
    """Check the secret itself, of providers that sign nothing: password of Basic, `X-Hook-Key`, or `?key=`."""
    given = [request.header("x-hook-key"), request.parameter("key"), _basic_password(request)]
    require_any([one for one in given if one], secrets.values)


def _basic_password(request: HookRequest) -> str:
    scheme, _, encoded = request.header("authorization").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""

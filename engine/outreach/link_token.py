"""Tokens of links in mails: which message a link was sent with, signed so that nobody can make one up.

A secret per purpose keeps the token of one kind of link from being one of another.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

__all__ = ["link_token", "read_token"]

_SIGNATURE_BYTES = 16
_PERSON = b"unsubscribe"


def link_token(message_id: str, secret: bytes) -> str:
    """The token of a message: its id and a signature, safe in a URL."""
    return urlsafe_b64encode(message_id.encode() + _signature(message_id, secret)).decode().rstrip("=")


def read_token(token: str, secret: bytes) -> str | None:
    """The id of the message of a token; None if it is none of ours."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        message_id = raw[:-_SIGNATURE_BYTES].decode()
    except ValueError:
        return None
    if not message_id or not hmac.compare_digest(raw[-_SIGNATURE_BYTES:], _signature(message_id, secret)):
        return None
    return message_id


def _signature(message_id: str, secret: bytes) -> bytes:
    return blake2b(message_id.encode(), key=secret, digest_size=_SIGNATURE_BYTES, person=_PERSON).digest()

"""Random tokens for sessions, invitations and recovery: 256 bits, stored only as their hash."""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["new_recovery_codes", "new_secret", "secret_hash"]

_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without characters that people mix up."""


def new_secret() -> str:
    """A token of 256 random bits, safe in URLs and cookies."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is stored of a token. One fast hash is enough for 256 random bits."""
    return hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()


def new_recovery_codes() -> list[str]:
    """Ten codes of 12 characters, 59 bits each, for a person who has lost every other proof."""
    return ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(_CODES)]

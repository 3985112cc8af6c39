"""The token of an API key: `le_`, the digits of the key's id, and a secret that only its holder knows.

Passwords are hashed slowly because people choose words that can be guessed. This secret is 256 bits from the system's
random source, which cannot be guessed however fast the hash is. So one BLAKE2b is enough, and cheap per request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from msgspec import Struct

from domain.instant import Millis
from engine.access.keys.key import ApiKey, KeySecret

__all__ = ["Token", "hash_of", "is_valid_token", "matching_secret", "new_key_id", "new_token", "parse_token"]

_ID = "key_"
_SECRET_BYTES = 32
_TOKEN = re.compile(r"le_([0-9a-f]{16})_([0-9a-f]{64})")
_NO_SECRETS = (KeySecret("0" * 64, expires_at=0),)


class Token(NamedTuple):
    """A presented token: the id of its key, and its hash."""

    key_id: str
    hash: str


class NewToken(Struct, frozen=True):
    """A token that was just created; the only place where its text exists."""

    text: str
    hash: str

    def __repr__(self) -> str:
        return "NewToken(le_***)"


def new_key_id() -> str:
    """A unique id. It is not secret: lists, logs and the audit log show it."""
    return f"{_ID}{secrets.token_hex(8)}"


def new_token(key_id: str) -> NewToken:
    """A new token of the key with a random secret."""
    text = f"le_{key_id.removeprefix(_ID)}_{secrets.token_hex(_SECRET_BYTES)}"
    return NewToken(text, hash_of(text))


def hash_of(text: str) -> str:
    """The hash that is stored of a token."""
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def parse_token(text: str) -> Token | None:
    """The token in a credential, None if the text does not have its form."""
    found = _TOKEN.fullmatch(text)
    return Token(f"{_ID}{found[1]}", hash_of(text)) if found else None


def matching_secret(key: ApiKey | None, token: Token, at: Millis) -> KeySecret | None:
    """The valid secret of the key that the token matches, compared in constant time."""
    matching = None
    for secret in key.secrets if key else _NO_SECRETS:
        if hmac.compare_digest(secret.hash, token.hash) and secret.is_valid(at):
            matching = secret
    return matching


def is_valid_token(key: ApiKey, token: Token, at: Millis) -> bool:
    """Whether the token matches a valid secret of the key."""
    return matching_secret(key, token, at) is not None

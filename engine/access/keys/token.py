"""A key as its holder has it: `le_`, the digits of the key's id, and a secret that only the holder knows.

A password is hashed slowly because people choose words that can be guessed by trying. This secret is 256 bits from
the system's random source: nobody can try even a sliver of them, however fast the hash. So one BLAKE2b is enough,
and every request can afford it.
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

__all__ = ["Token", "hash_of", "is_opened_by", "new_key_id", "new_token", "opening_secret", "parse_token"]

_ID = "key_"
_SECRET_BYTES = 32
_TOKEN = re.compile(r"le_([0-9a-f]{16})_([0-9a-f]{64})")
_NO_SECRETS = (KeySecret("0" * 64, expires_at=0),)


class Token(NamedTuple):
    """The two parts of a key that somebody shows."""

    key_id: str
    hash: str


class NewToken(Struct, frozen=True):
    """A key that was just made; the only place where one is ever whole."""

    text: str
    hash: str

    def __repr__(self) -> str:
        return "NewToken(le_***)"


def new_key_id() -> str:
    """An id that no other key has. It is no secret: lists, logs and the audit log show it."""
    return f"{_ID}{secrets.token_hex(8)}"


def new_token(key_id: str) -> NewToken:
    """A key that nobody can guess."""
    text = f"le_{key_id.removeprefix(_ID)}_{secrets.token_hex(_SECRET_BYTES)}"
    return NewToken(text, hash_of(text))


def hash_of(text: str) -> str:
    """What is stored of a key."""
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def parse_token(text: str) -> Token | None:
    """What somebody shows as a key, None if it does not look like one."""
    found = _TOKEN.fullmatch(text)
    return Token(f"{_ID}{found[1]}", hash_of(text)) if found else None


def opening_secret(key: ApiKey | None, token: Token, at: Millis) -> KeySecret | None:
    """The valid secret of the key that the token is, if it is one. A wrong token takes as long as a right one."""
    opening = None
    for secret in key.secrets if key else _NO_SECRETS:
        if hmac.compare_digest(secret.hash, token.hash) and secret.is_valid(at):
            opening = secret
    return opening


def is_opened_by(key: ApiKey, token: Token, at: Millis) -> bool:
    """Whether the token is a valid secret of the key."""
    return opening_secret(key, token, at) is not None

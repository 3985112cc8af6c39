"""A key as its holder has it: `le_`, the digits of the key's id, and a secret that only the holder knows.

A password is hashed slowly because people choose words that can be guessed by trying. This secret is 256 bits from
the system's random source: nobody can try even a sliver of them, however fast the hash. So one SHA-256 is enough, and
every request can afford it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from msgspec import Struct

from domain.instant import Millis
from engine.keys.key import ApiKey

__all__ = ["Token", "hash_of", "is_opened_by", "new_key_id", "new_token", "parse_token"]

_ID = "key_"
_SECRET_BYTES = 32
_TOKEN = re.compile(r"le_([0-9a-f]{16})_([0-9a-f]{64})")
_NO_HASH = "0" * 64


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
    return hashlib.sha256(text.encode()).hexdigest()


def parse_token(text: str) -> Token | None:
    """What somebody shows as a key, None if it does not look like one."""
    found = _TOKEN.fullmatch(text)
    return Token(f"{_ID}{found[1]}", hash_of(text)) if found else None


def is_opened_by(key: ApiKey | None, token: Token, at: Millis) -> bool:
    """Whether the token is a valid secret of the key. Takes as long for a wrong one as for a right one."""
    valid = [one.hash for one in key.secrets if one.is_valid(at)] if key and key.revoked_at is None else []
    fitting = [hmac.compare_digest(stored, token.hash) for stored in valid or [_NO_HASH]]
    return any(fitting)

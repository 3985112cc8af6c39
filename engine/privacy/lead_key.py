"""The encryption key of one lead: AES-256-GCM over single values of personal fields."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from domain.events.event import Json
from domain.privacy.personal_fields import ERASED, SEAL, UNREADABLE

__all__ = ["LeadKey", "LeadKeys", "key_id_of", "new_key"]

_VERSION, _PARTS = "1", 4
_SECRET_BYTES, _ID_BYTES, _NONCE_BYTES = 32, 8, 12
_PART_VERSION = "2"
_FOR_BODIES, _FOR_PARTS = b"event body", b"parts of texts"
"""Domain separation: keeps what is derived from the key for one use apart from any other."""


class LeadKey:
    """32 random bytes and their id. A sealed value is `sealed:1:KEYID:` and base64 of nonce and ciphertext.

    Lead and field are authenticated: a value can be decrypted only as the field of the lead it was encrypted for. A part
    of a text is `sealed:2:KEYID:` and base64, of the lead alone, in square brackets within the text.
    """

    def __init__(self, lead_id: str, key_id: str, secret: bytes) -> None:
        self.lead_id = lead_id
        self.key_id = key_id
        self.secret = secret

    def __repr__(self) -> str:
        return f"LeadKey({self.lead_id!r}, {self.key_id!r})"

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.secret)

    @cached_property
    def _parts_cipher(self) -> AESSIV:
        return AESSIV(blake2b(key=self.secret, digest_size=64, person=_FOR_PARTS).digest())

    def seal(self, field: str, value: Json) -> str:
        """Encrypt the value. The nonce is random: the same value twice gives two ciphertexts."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, msgspec.json.encode(value), self._bound_to(field))
        return f"{SEAL}{_VERSION}:{self.key_id}:{urlsafe_b64encode(nonce + ciphertext).decode()}"

    def open(self, field: str, text: str) -> Json:
        """Decrypt the text. Returns `[erased]` if another key encrypted it, `[unreadable]` if it is damaged."""
        parts = text.split(":")
        if len(parts) != _PARTS or parts[1] != _VERSION:
            return UNREADABLE
        _, _, key_id, encoded = parts
        if key_id != self.key_id:
            return ERASED
        try:
            raw = urlsafe_b64decode(encoded)
            plain = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._bound_to(field))
        except (InvalidTag, ValueError):
            return UNREADABLE
        opened: Json = msgspec.json.decode(plain)
        return opened

    def seal_part(self, text: str) -> str:
        """Encrypt a part of a text. Deterministic (AES-SIV, RFC 5297): rules see the same part as the same text again."""
        ciphertext = self._parts_cipher.encrypt(text.encode(), [self.lead_id.encode()])
        return f"{SEAL}{_PART_VERSION}:{self.key_id}:{urlsafe_b64encode(ciphertext).decode()}"

    def open_part(self, sealed: str) -> str:
        """Decrypt a part of a text. Returns `[erased]` if another key encrypted it, `[unreadable]` if it is damaged."""
        parts = sealed.split(":")
        if len(parts) != _PARTS or parts[1] != _PART_VERSION:
            return UNREADABLE
        _, _, key_id, encoded = parts
        if key_id != self.key_id:
            return ERASED
        try:
            return self._parts_cipher.decrypt(urlsafe_b64decode(encoded), [self.lead_id.encode()]).decode()
        except (InvalidTag, ValueError):
            return UNREADABLE

    def body_hash(self, plain: str) -> str:
        """A keyed hash of a body hash, so that no value can be guessed from it without the key."""
        keyed = blake2b(plain.encode(), key=self.secret, digest_size=16, person=_FOR_BODIES)
        return f"{self.key_id}:{keyed.hexdigest()}"

    def _bound_to(self, field: str) -> bytes:
        return f"{self.lead_id}\x1f{field}".encode()


class LeadKeys:
    """The keys of all streams of a lead, of which each opens what it has encrypted."""

    def __init__(self, keys: Iterable[LeadKey]) -> None:
        self._by_id = {key.key_id: key for key in keys}

    def open(self, field: str, text: str) -> Json:
        """As `LeadKey.open` of the key that encrypted the text; `[erased]` if there is none."""
        key = self._key(text)
        return ERASED if key is None else key.open(field, text)

    def open_part(self, sealed: str) -> str:
        """As `LeadKey.open_part` of the key that encrypted the part; `[erased]` if there is none."""
        key = self._key(sealed)
        return ERASED if key is None else key.open_part(sealed)

    def _key(self, text: str) -> LeadKey | None:
        parts = text.split(":")
        return self._by_id.get(parts[2]) if len(parts) == _PARTS else None


def new_key(lead_id: str) -> LeadKey:
    """A new random key."""
    return LeadKey(lead_id, secrets.token_hex(_ID_BYTES), secrets.token_bytes(_SECRET_BYTES))


def key_id_of(body_hash: str) -> str:
    """The id of the key in a body hash; empty for one without a key."""
    return body_hash.rpartition(":")[0]

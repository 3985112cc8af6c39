"""The blind index of identifiers: a keyed hash by which one is found, and the encryption of its value.

The secret is the engine's own, made once per database. A copy of the identities alone shows neither who is in it nor, by
trying addresses, who is not.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.identity.identifier import Identifier
from domain.privacy.personal_fields import UNREADABLE

__all__ = ["SECRET_BYTES", "BlindIndex"]

SECRET_BYTES = 32
_HASH_BYTES, _NONCE_BYTES = 16, 12
_FOR_INDEX, _FOR_VALUES = b"identity index", b"identity values"
"""Domain separation: keeps what is derived from the secret for one use apart from the other."""


class BlindIndex:
    """Keys and sealed values of identifiers under one secret of 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._index_key = blake2b(key=secret, digest_size=32, person=_FOR_INDEX).digest()
        self._cipher = AESGCM(blake2b(key=secret, digest_size=32, person=_FOR_VALUES).digest())

    def key_of(self, identifier: Identifier) -> str:
        """The kind and the keyed hash (BLAKE2b, 128 bits) of the value."""
        text = f"{identifier.kind}\x1f{identifier.value}".encode(errors="surrogatepass")
        return f"{identifier.kind}:{blake2b(text, key=self._index_key, digest_size=_HASH_BYTES).hexdigest()}"

    def derived(self, purpose: bytes) -> bytes:
        """A key of 32 bytes for another purpose, of at most 16 bytes, that tells nothing about the secret."""
        return blake2b(key=self._secret, digest_size=32, person=purpose).digest()

    def seal(self, identifier: Identifier) -> str:
        """The value, encrypted with AES-256-GCM under a random nonce and bound to its key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = identifier.value.encode(errors="surrogatepass")
        return urlsafe_b64encode(
            nonce + self._cipher.encrypt(nonce, plain, self.key_of(identifier).encode())
        ).decode()

    def open(self, key: str, sealed: str) -> Identifier:
        """The identifier that was sealed under this key; its value reads `[unreadable]` if it is damaged."""
        kind = key.partition(":")[0]
        try:
            raw = urlsafe_b64decode(sealed)
            plain = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key.encode())
        except (InvalidTag, ValueError):
            return Identifier(kind, UNREADABLE)
        return Identifier(kind, plain.decode(errors="surrogatepass"))

"""The content of a message, encrypted with the key of its lead."""

from __future__ import annotations

import hashlib

import msgspec

from domain.privacy.personal_fields import is_sealed
from engine.outreach.message import Content
from engine.privacy.lead_key import LeadKey

__all__ = ["content_hash", "open_content", "seal_content"]

_FIELD = "sealed"
"""The name of the stored field, to which the encryption is bound."""


def seal_content(content: Content, key: LeadKey) -> str:
    """The content as it is stored."""
    return key.seal(_FIELD, content.encode())


def open_content(sealed: str, key: LeadKey | None) -> Content | None:
    """The content; None if it was erased."""
    if not sealed or key is None:
        return None
    opened = key.open(_FIELD, sealed)
    if not isinstance(opened, str) or is_sealed(opened):
        return None
    try:
        return msgspec.json.decode(opened, type=Content)
    except msgspec.DecodeError:  # [erased] or [unreadable]
        return None


def content_hash(content: Content, key: LeadKey, *more: str | int | bool | None) -> str:
    """What tells a repeated request and another one under the same key apart, useless without the key of the lead."""
    plain = msgspec.json.encode([content, *more])
    return key.body_hash(hashlib.blake2b(plain, digest_size=16).hexdigest())

"""Limit of the lists and objects in a JSON body, which is applied before the body is decoded.

Every step after it (decoding, checking, hashing, storing) costs far more per list than per character: half a million
empty lists fit into a mebibyte.
"""

from __future__ import annotations

from domain.errors import Fault

__all__ = ["MAX_CONTAINERS", "container_fault"]

MAX_CONTAINERS = 50_000
"""Lists and objects in the body of a request that stores events."""


def container_fault(raw: bytes | bytearray, most: int = MAX_CONTAINERS) -> Fault | None:
    """The fault of a body with more lists and objects; brackets in its texts do not count."""
    if _brackets(raw) <= most or _brackets(_without_texts(raw)) <= most:
        return None
    return Fault("", f"has more than {most:,} lists and objects")


def _brackets(raw: bytes | bytearray) -> int:
    return raw.count(b"[") + raw.count(b"{")


def _without_texts(raw: bytes | bytearray) -> bytes:
    unescaped = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(unescaped.split(b'"')[::2])

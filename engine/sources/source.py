"""The source: a sender in the format of another system, with a write key of its own and a mapping."""

from __future__ import annotations

import secrets

from msgspec import Struct

from domain.capture.mapping import NO_MAPPING, SourceMapping
from domain.instant import Millis

__all__ = ["MAX_SOURCES", "Source", "SourceChange", "new_source_id"]

MAX_SOURCES = 500
"""Sources at a time."""


class Source(Struct, frozen=True, kw_only=True):
    """A source. With origins its key is that of web pages, which everybody can read.

    `name` is what its events have as their `source`.
    """

    source_id: str
    name: str
    key_id: str
    origins: tuple[str, ...] = ()
    mapping: SourceMapping = NO_MAPPING
    created_at: Millis
    updated_at: Millis


class SourceChange(Struct, frozen=True, kw_only=True):
    """The fields of a source that are to change; None leaves one as it is."""

    name: str | None = None
    origins: tuple[str, ...] | None = None
    events: dict[str, str] | None = None
    properties: dict[str, str] | None = None
    identifiers: dict[str, str] | None = None


def new_source_id() -> str:
    """A random id."""
    return f"src_{secrets.token_hex(8)}"

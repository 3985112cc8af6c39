"""The base of response bodies: camelCase JSON, times as RFC 3339 in UTC."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from domain.instant import Millis, to_datetime

__all__ = ["View", "optional_datetime"]


class View(Struct, frozen=True, kw_only=True, rename="camel"):
    """A response body, or a part of one."""


def optional_datetime(at: Millis | None) -> datetime | None:
    """The moment as a view shows it, if there is one."""
    return None if at is None else to_datetime(at)

"""Names of time zones, as rulebooks and calendars write them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

__all__ = ["TimeZoneName"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"'{name}' is no time zone; write one like Europe/Berlin")
    return name


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone in the IANA database."""

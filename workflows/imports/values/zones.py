"""Time zones by the names that cells and mappings give them. Abbreviations are those of RFC 5322 and of Europe."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["named_zone", "zone_of_abbreviation"]

_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "UT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "MEZ": 1,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
}


@lru_cache(maxsize=256)
def named_zone(name: str) -> tzinfo:
    """The zone of a name such as Europe/Berlin. Raises `ValueError` if there is none."""
    if name == "UTC":
        return UTC  # also where there is no time zone database
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"there is no time zone '{name}'; write one such as UTC or Europe/Berlin") from None


def zone_of_abbreviation(name: str) -> tzinfo:
    """The zone that a cell names, such as CET or Europe/Berlin. Raises `ValueError` for one that may be several.

    Never asks the machine, whose own zone would make the same file mean something else elsewhere.
    """
    hours = _HOURS.get(name.upper())
    if hours is not None:
        return timezone(timedelta(hours=hours), name.upper()) if hours else UTC
    if "/" in name:
        return named_zone(name)
    raise ValueError(f"names the zone {name}, which is not known; write UTC, CET, EST ... or an offset")

"""The time zones of countries that have one only, from the table of the IANA database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

__all__ = ["zones_of_countries"]

_SEASONS = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4, 7, 10))


@cache
def zones_of_countries() -> Mapping[str, str]:
    """The zone by the code of the country, of those whose zones all show the same time the year round."""
    zones: dict[str, list[str]] = defaultdict(list)
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country].append(zone)
    return {country: names[0] for country, names in zones.items() if len({_clock(one) for one in names}) == 1}


def _clock(zone: str) -> tuple[object, ...]:
    return tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in _SEASONS)

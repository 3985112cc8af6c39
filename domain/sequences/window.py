"""The send window of a sequence: weekdays and hours where the recipient lives, without holidays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, tzinfo
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import AfterValidator

from domain.events.event import Json
from domain.instant import Millis
from domain.rule_language.week_hours import WEEKDAYS, WeekHours

__all__ = ["ANY_TIME", "SendWindowSection", "next_open", "recipient_country", "recipient_zone"]

_ZONE_ATTRIBUTES = ("timezone", "timeZone", "time_zone")
_CODE = re.compile("[A-Z]{2}", re.ASCII)
_COUNTRY_ATTRIBUTES = ("country", "countryCode", "country_code")


def _known_country(code: str) -> str:
    if code != "recipient" and code not in _countries():
        raise ValueError(f"'{code}' is no country with known holidays; write a code like DE, or recipient")
    return code


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


Holidays = Annotated[str, AfterValidator(_known_country)]
"""The code of a country (ISO 3166), or `recipient` for the country of the lead."""


class SendWindowSection(WeekHours):
    """Weekdays and hours in which messages go out, by the clock of the recipient; `holidays` of which country are left out."""

    holidays: Holidays | None = None

    def describe(self) -> str:
        """The window in words."""
        days = "every day" if set(self.days) == set(WEEKDAYS) else ", ".join(self.days)
        free = {None: "", "recipient": ", not on holidays of the recipient's country"}.get(
            self.holidays, f", not on holidays of {self.holidays}"
        )
        return f"{days} from {self.opens} to {self.closes} where the recipient lives{free}"


ANY_TIME = SendWindowSection(days=WEEKDAYS, opens="00:00", closes="24:00")
"""The window that is always open."""


def next_open(window: SendWindowSection, at: Millis, zone: tzinfo, country: str | None) -> Millis | None:
    """The first moment from `at` on in the window; None if there is none within a year."""
    if window == ANY_TIME:
        return at
    of = country if window.holidays == "recipient" else window.holidays
    spans = window.spans_from(at, zone, lambda day: of is not None and is_holiday(of, day))
    return next((max(at, opens) for opens, closes in spans if closes > at), None)


def is_holiday(country: str, day: date) -> bool:
    """Whether the day is a public holiday in the whole country; never, for a country whose holidays nobody knows."""
    return country in _countries() and day in _calendar(country, day.year)


@lru_cache(maxsize=500)
def _calendar(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def recipient_country(attributes: Mapping[str, Json], phone_region: str | None) -> str | None:
    """The country of a lead: its attribute if that is a code of ISO 3166, else the one that its telephone number is of."""
    for name in _COUNTRY_ATTRIBUTES:
        value = attributes.get(name)
        if isinstance(value, str) and _CODE.fullmatch(code := value.strip().upper()):
            return code
    return phone_region


def recipient_zone(
    attributes: Mapping[str, Json], country: str | None, zones: Mapping[str, str], fallback: str
) -> ZoneInfo:
    """The time zone of a lead: its attribute, else that of its country, if that has one only, else the `fallback`.

    `zones` are the zones by country, of countries that have one.
    """
    for name in _ZONE_ATTRIBUTES:
        value = attributes.get(name)
        if isinstance(value, str) and value in available_timezones():
            return ZoneInfo(value)
    return ZoneInfo(zones.get(country or "", fallback))

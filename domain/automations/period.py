"""Periods in which an automation may fire at most once: calendar ones, in a time zone, and rolling ones."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct
from pydantic import Field

from domain.instant import DAY, CalendarPeriod, Millis, date_bucket, to_datetime
from domain.rule_language.section import Number, Section
from domain.rule_language.words import days_in_words

__all__ = [
    "AnyPeriod",
    "Period",
    "RollingPeriodSection",
    "compile_period",
    "describe_period",
    "instant_bucket",
]


class RollingPeriodSection(Section):
    """A period that begins whenever the automation fires."""

    days: Number = Field(gt=0, le=3650)


AnyPeriod = CalendarPeriod | RollingPeriodSection


class Period(Struct, frozen=True):
    """A period in executable form: `calendar` in a `zone` (None for UTC), or `rolling` milliseconds."""

    calendar: CalendarPeriod | None
    rolling: Millis = 0
    zone: tzinfo | None = None

    def bucket(self, at: Millis) -> str:
        """The key of the period that holds `at`; of a rolling one, the moment itself."""
        return instant_bucket(at) if self.calendar is None else date_bucket(self.calendar, at, self.zone)


def compile_period(written: AnyPeriod, timezone: str) -> Period:
    """The period in executable form; calendar ones begin and end by the clock of the time zone."""
    if isinstance(written, RollingPeriodSection):
        return Period(None, round(written.days * DAY))
    return Period(written, zone=None if timezone == "UTC" else ZoneInfo(timezone))


def describe_period(written: AnyPeriod) -> str:
    """How often, in words."""
    if isinstance(written, RollingPeriodSection):
        return f"At most once in {days_in_words(written.days)}"
    return "Once for each lead" if written == "once" else f"At most once a {written}"


def instant_bucket(at: Millis) -> str:
    """A moment as a key that sorts by time: `2026-11-30T06:12:39.123Z`."""
    return to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"

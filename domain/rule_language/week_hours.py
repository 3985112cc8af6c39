"""Hours of a week: weekdays, and from when to when they are open, by the clock of a time zone that is given with the question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.instant import Millis, from_datetime, to_datetime
from domain.rule_language.section import Section

__all__ = ["WEEKDAYS", "WeekHours", "Weekday"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
_MAX_DAYS = 400
"""Days searched for the next open hour; a calendar without any opens never."""

Span = tuple[Millis, Millis]
IsHoliday = Callable[[date], bool]


class WeekHours(Section):
    """Weekdays, and from when to when they are open."""

    days: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri"), min_length=1)
    opens: str = Field("09:00", pattern=_CLOCK)
    closes: str = Field("17:00", pattern=_CLOCK)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"the day closes at {self.closes}, not after it opens at {self.opens}")
        return self

    def spans_from(self, at: Millis, zone: tzinfo, is_holiday: IsHoliday) -> Iterator[Span]:
        """The open spans of the day that holds `at` and of the year after it, by the clock of the zone."""
        return self.spans(to_datetime(at).astimezone(zone).date(), zone, is_holiday, days=_MAX_DAYS)

    def spans(self, first: date, zone: tzinfo, is_holiday: IsHoliday, *, days: int) -> Iterator[Span]:
        """The open spans of so many days; a day of a clock change has its real length."""
        for number in range(days):
            day = first + timedelta(days=number)
            if WEEKDAYS[day.weekday()] in self.days and not is_holiday(day):
                opens, closes = max(_moments(day, self.opens, zone)), min(_moments(day, self.closes, zone))
                if opens < closes:
                    yield opens, closes


def _moments(day: date, clock: str, zone: tzinfo) -> tuple[Millis, Millis]:
    """The moments at which the clock may be said to show this. There are two where it is set back, or skips it."""
    if clock == "24:00":
        return _moments(day + timedelta(days=1), "00:00", zone)
    hour, minute = clock.split(":")
    local = datetime.combine(day, time(int(hour), int(minute)), zone)
    return from_datetime(local), from_datetime(local.replace(fold=1))

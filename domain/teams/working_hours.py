"""Working hours of a sales rep in the rep's own time zone, with holidays, and time counted in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.instant import Millis, from_datetime, to_datetime
from domain.rule_language.section import Section
from domain.rule_language.time_zone import TimeZoneName

__all__ = ["ALWAYS", "WorkingHours"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
_MAX_DAYS = 400
"""Days searched for the next open hour; a calendar without any opens never."""


class WorkingHours(Section):
    """From when to when a rep works, on which weekdays, in which time zone; `holidays` are days off."""

    zone: TimeZoneName = "UTC"
    days: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri"), min_length=1)
    opens: str = Field("09:00", pattern=_CLOCK)
    closes: str = Field("17:00", pattern=_CLOCK)
    holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> WorkingHours:
        if self.opens >= self.closes:
            raise ValueError(f"the day closes at {self.closes}, not after it opens at {self.opens}")
        return self

    def is_open(self, at: Millis) -> bool:
        """Whether `at` lies within working hours."""
        day = to_datetime(at).astimezone(self._zone).date()
        return any(opens <= at < closes for opens, closes in self._spans(day, days=1))

    def next_open(self, at: Millis) -> Millis | None:
        """The first moment from `at` on within working hours; None if there is none within a year."""
        return next((max(at, opens) for opens, closes in self._spans_from(at) if closes > at), None)

    def after(self, at: Millis, working: Millis) -> Millis | None:
        """The moment when `working` milliseconds of working hours have passed since `at`; None beyond a year."""
        left = working
        for opens, closes in self._spans_from(at):
            begin = max(at, opens)
            if closes <= begin:
                continue
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        return None

    def between(self, start: Millis, end: Millis) -> Millis:
        """Milliseconds of working hours between two moments, at most a year apart."""
        total = 0
        for opens, closes in self._spans_from(start):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), 0)
        return total

    def _spans_from(self, at: Millis) -> Iterator[tuple[Millis, Millis]]:
        return self._spans(to_datetime(at).astimezone(self._zone).date(), days=_MAX_DAYS)

    def _spans(self, first: date, *, days: int) -> Iterator[tuple[Millis, Millis]]:
        """The open spans of so many days; a day of a clock change has its real length."""
        for number in range(days):
            day = first + timedelta(days=number)
            if _WEEKDAYS[day.weekday()] in self.days and day not in self.holidays:
                yield self._moment(day, self.opens), self._moment(day, self.closes)

    def _moment(self, day: date, clock: str) -> Millis:
        if clock == "24:00":
            return self._moment(day + timedelta(days=1), "00:00")
        hour, minute = clock.split(":")
        return from_datetime(datetime.combine(day, time(int(hour), int(minute)), self._zone))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


ALWAYS = WorkingHours(days=_WEEKDAYS, opens="00:00", closes="24:00")
"""Working hours without end."""

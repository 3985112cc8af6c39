"""Working hours of a sales rep in the rep's own time zone, with holidays, and time counted in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.instant import Millis, to_datetime
from domain.rule_language.time_zone import TimeZoneName
from domain.rule_language.week_hours import WEEKDAYS, WeekHours

__all__ = ["ALWAYS", "WorkingHours"]


class WorkingHours(WeekHours):
    """From when to when a rep works, on which weekdays, in which time zone; `holidays` are days off."""

    zone: TimeZoneName = "UTC"
    holidays: tuple[date, ...] = ()

    def is_open(self, at: Millis) -> bool:
        """Whether `at` lies within working hours."""
        day = to_datetime(at).astimezone(self._zone).date()
        spans = self.spans(day, self._zone, self._is_holiday, days=1)
        return any(opens <= at < closes for opens, closes in spans)

    def next_open(self, at: Millis) -> Millis | None:
        """The first moment from `at` on within working hours; None if there is none within a year."""
        return next((max(at, opens) for opens, closes in self._open(at) if closes > at), None)

    def after(self, at: Millis, working: Millis) -> Millis | None:
        """The moment when `working` milliseconds of working hours have passed since `at`; None beyond a year."""
        left = working
        for opens, closes in self._open(at):
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
        for opens, closes in self._open(start):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), 0)
        return total

    def _open(self, at: Millis) -> Iterator[tuple[Millis, Millis]]:
        return self.spans_from(at, self._zone, self._is_holiday)

    def _is_holiday(self, day: date) -> bool:
        return day in self.holidays

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


ALWAYS = WorkingHours(days=WEEKDAYS, opens="00:00", closes="24:00")
"""Working hours without end."""

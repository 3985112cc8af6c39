"""Durations of sequences: days, hours and minutes, of which days are those of the calendar where the recipient lives."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from msgspec import Struct
from pydantic import Field, model_validator

from domain.instant import DAY, HOUR, MINUTE, Millis, from_datetime, to_datetime
from domain.rule_language.section import Number, Section
from domain.rule_language.words import hours_in_words

__all__ = ["Duration", "DurationSection"]

_MAX_DAYS = 366


class Duration(Struct, frozen=True):
    """A duration in executable form: whole days of the calendar, and milliseconds."""

    days: int
    rest: Millis

    def after(self, at: Millis, zone: tzinfo) -> Millis:
        """The moment that is this long after `at`. A day later is the same time of day, also over a change of the clock."""
        if self.days:
            local = to_datetime(at).astimezone(zone) + timedelta(days=self.days)
            at = max(from_datetime(local), at)
        return at + self.rest


class DurationSection(Section):
    """A duration; what is given adds up."""

    days: int | None = Field(None, ge=0, le=_MAX_DAYS)
    hours: Number | None = Field(None, ge=0, le=24 * _MAX_DAYS)
    minutes: Number | None = Field(None, ge=0, le=60 * 24)

    @model_validator(mode="after")
    def _is_some_time(self) -> DurationSection:
        if self.is_empty:
            raise ValueError("say at least one of days, hours, minutes")
        return self

    def compile(self) -> Duration:
        """The duration in executable form."""
        return Duration(self.days or 0, round((self.hours or 0) * HOUR + (self.minutes or 0) * MINUTE))

    @property
    def millis(self) -> Millis:
        """Its length in milliseconds, of days with 24 hours."""
        whole = self.compile()
        return whole.days * DAY + whole.rest

    def describe(self) -> str:
        """The duration in words: `3 days`, `4 hours`."""
        return hours_in_words(self.millis / HOUR) if self.millis else "no time"

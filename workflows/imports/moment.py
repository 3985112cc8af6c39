"""When an imported event occurred: a time that the row names, or a made-up one for files without times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, field_validator, model_validator

from domain.errors import Invalid
from domain.rule_language.section import Section
from workflows.imports.cells import Cells, Column, number_in

__all__ = ["Moment", "Offset"]


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # UTC also where there is no time zone database


class Offset(Section):
    """A number in the row that moves a time. An empty cell moves nothing."""

    column: Column
    unit: Literal["seconds", "minutes", "hours", "days"]

    def length(self, cells: Cells) -> timedelta:
        """How far the row moves it. Raises `OverflowError` beyond a thousand million days."""
        return timedelta(**{self.unit: number_in(self.column, cells)})


class Moment(Section):
    """The time in a column, or a fixed `base`; either may be moved by a number in the row."""

    column: Column | None = None
    format: str | None = None
    timezone: str = "UTC"
    base: AwareDatetime | None = None
    plus: Offset | None = None
    minus: Offset | None = None

    @property
    def columns(self) -> set[str]:
        """The columns it reads."""
        return {part.column for part in (self, self.plus, self.minus) if part and part.column}

    def read(self, cells: Cells) -> datetime:
        """The moment in UTC. Raises `Invalid` for a cell that is no such time, `OverflowError` out of the calendar."""
        at = (self.base or self._parsed(cells)).astimezone(UTC)
        if self.plus:
            at += self.plus.length(cells)
        if self.minus:
            at -= self.minus.length(cells)
        return at

    def _parsed(self, cells: Cells) -> datetime:
        text = cells.get(self.column or "")
        if text is None:
            raise Invalid(f"column '{self.column}' is empty, and occurredAt needs it")
        try:
            at = datetime.strptime(text, self.format) if self.format else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError as error:
            expected = self.format or "a time such as 2024-01-31 or 2024-01-31 16:05:00"
            raise Invalid(f"column '{self.column}': {text!r} is not {expected}") from error
        return at if at.tzinfo else at.replace(tzinfo=_zone(self.timezone))

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            _zone(name)
        except (ValueError, OSError, KeyError):
            raise ValueError(
                f"there is no time zone '{name}'; write one such as UTC or Europe/Berlin"
            ) from None
        return name

    @field_validator("format")
    @classmethod
    def _can_be_read(cls, pattern: str) -> str:
        try:
            datetime.strptime(datetime(2001, 2, 3, tzinfo=UTC).strftime(pattern), pattern)  # noqa: DTZ007
        except (ValueError, re.error) as error:
            raise ValueError(
                f"'{pattern}' is not a strptime format ({error}); write one such as %Y-%m-%d"
            ) from None
        return pattern

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.column is None) == (self.base is None):
            raise ValueError("write either the column of the time or a base such as 2024-01-01T09:00:00Z")
        if self.base and self.model_fields_set & {"format", "timezone"}:
            raise ValueError("format and timezone belong to a column; a base says its offset itself")
        return self

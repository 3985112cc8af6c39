"""When an imported event occurred: a time that the row names, or a made-up one for files without times."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, model_validator

from domain.rule_language.section import Names, Section
from workflows.imports.mapping.cells import Column
from workflows.imports.values.times import check_format
from workflows.imports.values.zones import named_zone

__all__ = ["Formats", "Future", "Moment", "Offset", "ZoneName"]

Future = Literal["reject", "now", "skip"]
"""Treatment of a row whose time lies in the future."""


def _checked_zone(name: str) -> str:
    named_zone(name)
    return name


def _checked_formats(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(check_format, names))


ZoneName = Annotated[str, AfterValidator(_checked_zone)]
"""A zone such as Europe/Berlin."""
Formats = Annotated[Names, AfterValidator(_checked_formats)]
"""One format or several, of which the first that fits a cell reads it."""


class Offset(Section):
    """A number in the row that moves a time. An empty cell moves nothing."""

    column: Column
    unit: Literal["seconds", "minutes", "hours", "days"]


class Moment(Section):
    """The time in a column, or a fixed `base`; either may be moved by a number in the row."""

    column: Column | None = None
    format: Formats | None = None
    timezone: ZoneName = "UTC"
    base: AwareDatetime | None = None
    plus: Offset | None = None
    minus: Offset | None = None
    future: Future | None = None

    @property
    def columns(self) -> set[str]:
        """The columns it reads."""
        return {part.column for part in (self, self.plus, self.minus) if part and part.column}

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.column is None) == (self.base is None):
            raise ValueError("write either the column of the time or a base such as 2024-01-01T09:00:00Z")
        if self.base and self.model_fields_set & {"format", "timezone"}:
            raise ValueError("format and timezone belong to a column; a base says its offset itself")
        return self

"""Properties of an imported event: which column each is read from, and as what."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from domain.rule_language.section import Names, Section
from workflows.imports.mapping.cells import Column
from workflows.imports.mapping.moment import Formats, ZoneName
from workflows.imports.values.words import folded

__all__ = ["NumberMarks", "OnBad", "OnEmpty", "Property"]

OnBad = Literal["leaveOut", "reject"]
"""The cost of a value that is not of its type: the property, or the row."""
OnEmpty = Literal["keep", "clear"]
"""The meaning of an empty cell: nothing is said, or the attribute is taken back."""
_Words = Annotated[Names, AfterValidator(lambda words: tuple(map(folded, words)))]
_OPTIONS: dict[str, frozenset[str]] = {
    "text": frozenset({"lowercase"}),
    "number": frozenset({"decimal", "thousands"}),
    "boolean": frozenset({"yes", "no"}),
    "list": frozenset({"lowercase", "separator"}),
    "time": frozenset({"format", "timezone"}),
}


class NumberMarks(Section):
    """How numbers are written. Marks that are left out must follow from the cells."""

    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", "'", " ", "none"] | None = None

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.decimal is not None and self.decimal == self.thousands:
            raise ValueError("decimal and thousands must be different marks")
        return self


class Property(NumberMarks):
    """A property of the event, left out where the cell is empty."""

    column: Column | None = None
    value: str | None = None
    """The same text for every row, in place of a column."""
    type: Literal["text", "number", "boolean", "list", "time"] = "text"
    lowercase: bool = False
    yes: _Words = Field((), min_length=0)
    no: _Words = Field((), min_length=0)
    separator: str = Field(";", min_length=1, max_length=10)
    format: Formats | None = None
    timezone: ZoneName = "UTC"
    on_bad: OnBad | None = None
    on_empty: OnEmpty | None = None

    @model_validator(mode="after")
    def _suits_the_type(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("write either the column of the value or a value that is the same for every row")
        every = frozenset().union(*_OPTIONS.values())
        for name in sorted(self.model_fields_set & every - _OPTIONS[self.type]):
            kinds = " or ".join(kind for kind, options in _OPTIONS.items() if name in options)
            raise ValueError(f"{name} is for {kinds} only; remove it")
        return self

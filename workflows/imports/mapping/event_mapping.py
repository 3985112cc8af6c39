"""One event that the rows of a file may make: its type, id, time, condition, repeats and properties."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from domain.errors import Fault, Invalid
from domain.rule_language.section import Names, Section
from workflows.capture.decode import check_event
from workflows.capture.event_input import MAX_EVENTS
from workflows.imports.mapping.cells import Column, Template, fill, holes
from workflows.imports.mapping.moment import Moment
from workflows.imports.mapping.properties import Property
from workflows.imports.values.words import folded

__all__ = ["INDEX", "EventMapping", "EventType", "Repeat", "When", "as_if"]

INDEX = "index"
"""Name of the number of a repeated event, from 1, in its eventId."""


def _short_for(key: str) -> BeforeValidator:
    """A bare word stands for a section of that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def as_if(**said: object) -> None:
    """Hold what is the same for every row against the rules for all events. Raises `ValueError`."""
    try:
        check_event({"leadId": "x", "type": "x", **said})
    except Invalid as error:
        # What the properties of a row will say is not known yet.
        faults = [fault for fault in error.faults if "properties" in said or not _is_of_properties(fault)]
        if faults:
            raise ValueError("; ".join(map(str, faults))) from error


def _is_of_properties(fault: Fault) -> bool:
    return fault.pointer.startswith("/properties")


class When(Section):
    """A test on one column. An empty cell equals nothing; case makes no difference."""

    column: Column
    equals: str | None = None
    among: Names | None = Field(None, alias="in")
    not_empty: bool | None = None

    @model_validator(mode="after")
    def _is_one_test(self) -> Self:
        if len(self.model_fields_set) != 2:  # noqa: PLR2004 - the column and one test
            raise ValueError("write one of equals, in, notEmpty beside the column")
        return self

    @property
    def words(self) -> frozenset[str]:
        """The cells that pass, folded; none for a test on whether there is a cell."""
        return frozenset(map(folded, self.among or (() if self.equals is None else (self.equals,))))


class EventType(Section):
    """The type of an event: always the same, or chosen by a column.

    A cell that `values` does not name makes no event, and is reported; one named with an empty type makes none either.
    """

    name: str | None = None
    column: Column | None = None
    values: dict[str, str] = Field({})

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.name is None) == (self.column is None) or (self.column is None) == bool(self.values):
            raise ValueError("write a type, or a column and its values: {Email Opened: email_open, ...}")
        for name in (self.name, *filter(None, self.values.values())):
            if name is not None:
                as_if(type=name)
        if len(self.by_cell) < len(self.values):
            raise ValueError("two of the values differ in case only; keep one")
        return self

    @property
    def by_cell(self) -> dict[str, str]:
        """The types by their cells, folded."""
        return {folded(cell): name for cell, name in self.values.items()}


class Repeat(Section):
    """Make the event as often as a column says, `at_most` times; an empty cell says 0."""

    column: Column
    every_minutes: float = Field(gt=0, le=525_600)
    at_most: int = Field(ge=1, le=MAX_EVENTS)


class EventMapping(Section):
    """One event that a row may make, or several with a `repeat`."""

    type: Annotated[EventType, _short_for("name")]
    event_id: Template
    occurred_at: Moment
    when: When | None = None
    repeat: Repeat | None = None
    properties: dict[str, Annotated[Property, _short_for("column")]] = Field({})

    @property
    def columns(self) -> set[str]:
        """The columns it reads."""
        parts = (self.type, self.when, self.repeat, *self.properties.values())
        named = {part.column for part in parts if part and part.column}
        return named | self.occurred_at.columns | holes(self.event_id) - {INDEX}

    @model_validator(mode="after")
    def _obeys_the_rules(self) -> Self:
        named = holes(self.event_id)
        some_id = fill(self.event_id, dict.fromkeys(named, "x"))
        as_if(eventId=some_id, properties=dict.fromkeys(self.properties, ""))
        if not named - {INDEX} and "{*|hash}" not in self.event_id:
            raise ValueError("eventId must name a column, such as 'shop:{Order}', to be the row's own")
        if (INDEX in named) != (self.repeat is not None):
            raise ValueError("eventId must have {index} if the event has a repeat, and only then")
        return self

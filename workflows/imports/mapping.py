"""The mapping that a person writes: which events the rows of a CSV file become. Reads no file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from domain.errors import Invalid
from domain.events.event import Json
from domain.rule_language.section import Names, Section
from workflows.capture.event_input import MAX_EVENTS, check_event
from workflows.imports.cells import (
    Cells,
    Column,
    ColumnOrTemplate,
    Template,
    boolean_in,
    fill,
    holes,
    number_in,
)
from workflows.imports.moment import Moment

__all__ = ["INDEX", "EventMapping", "EventType", "Mapping", "Property", "Repeat", "When"]

INDEX = "index"
"""What the number of a repeated event, from 1, is called in its eventId."""


def _short_for(key: str) -> BeforeValidator:
    """A bare word stands for a section of that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _as_if(**said: object) -> None:
    """Hold what is the same for every row against the rules for all events. Raises `ValueError`."""
    try:
        check_event({"leadId": "x", "type": "x", **said})
    except Invalid as error:
        raise ValueError("; ".join(str(fault) for fault in error.faults)) from error


class When(Section):
    """A test on one column. An empty cell equals nothing."""

    column: Column
    equals: str | None = None
    among: Names | None = Field(None, alias="in")
    not_empty: bool | None = None

    @model_validator(mode="after")
    def _is_one_test(self) -> Self:
        if len(self.model_fields_set) != 2:  # noqa: PLR2004 - the column and one test
            raise ValueError("write one of equals, in, notEmpty beside the column")
        return self

    def holds(self, cells: Cells) -> bool:
        """Whether the row passes."""
        cell = cells.get(self.column)
        if self.not_empty is not None:
            return (cell is not None) == self.not_empty
        return cell is not None and (cell == self.equals or cell in (self.among or ()))


class EventType(Section):
    """The type of an event: always the same, or chosen by a column; a value not listed makes no event."""

    name: str | None = None
    column: Column | None = None
    values: dict[str, str] = Field({})

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.name is None) == (self.column is None) or (self.column is None) == bool(self.values):
            raise ValueError("write a type, or a column and its values: {Email Opened: email_open, ...}")
        for name in (self.name, *self.values.values()):
            if name is not None:
                _as_if(type=name)
        return self

    def of(self, cells: Cells) -> str | None:
        """The type for a row, or None for no event."""
        return self.name or self.values.get(cells.get(self.column or "", ""))


class Repeat(Section):
    """Make the event as often as a column says, `at_most` times; an empty cell says 0."""

    column: Column
    every_minutes: float = Field(gt=0, le=525_600)
    at_most: int = Field(ge=1, le=MAX_EVENTS)

    def offsets(self, cells: Cells) -> list[timedelta]:
        """How long after the first each one occurred. Raises `Invalid` for a cell that is no count."""
        count = number_in(self.column, cells)
        if count < 0 or count != int(count):
            raise Invalid(f"column '{self.column}': {cells[self.column]!r} is not a count")
        return [
            index * timedelta(minutes=self.every_minutes) for index in range(min(int(count), self.at_most))
        ]


class Property(Section):
    """A property of the event, left out where the cell is empty."""

    column: Column
    type: Literal["text", "number", "boolean"] = "text"
    lowercase: bool = False

    @model_validator(mode="after")
    def _suits_the_type(self) -> Self:
        if self.lowercase and self.type != "text":
            raise ValueError("lowercase is for text only; remove it")
        return self

    def read(self, cells: Cells) -> Json:
        """The value in a row whose cell is not empty. Raises `Invalid` for one that is not of the type."""
        if self.type == "number":
            return number_in(self.column, cells)
        if self.type == "boolean":
            return boolean_in(self.column, cells)
        return cells[self.column].lower() if self.lowercase else cells[self.column]


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
        _as_if(eventId=some_id, properties=dict.fromkeys(self.properties, ""))
        if not named - {INDEX}:
            raise ValueError("eventId must name a column, such as 'shop:{Order}', to be the row's own")
        if (INDEX in named) != (self.repeat is not None):
            raise ValueError("eventId must have {index} if the event has a repeat, and only then")
        return self


class Mapping(Section):
    """What a file's rows mean. `empty` are the cells that say nothing, besides those with nothing in them."""

    source: str = Field(min_length=1)
    lead_id: ColumnOrTemplate
    empty: frozenset[str] = frozenset()
    events: tuple[EventMapping, ...]

    @property
    def columns(self) -> set[str]:
        """Every column that a file must have."""
        return holes(self.lead_id).union(*(event.columns for event in self.events))

    @field_validator("source")
    @classmethod
    def _may_be_used(cls, source: str) -> str:
        _as_if(source=source)
        return source

    @field_validator("events")
    @classmethod
    def _go_together(cls, events: tuple[EventMapping, ...]) -> tuple[EventMapping, ...]:
        if not events:
            raise ValueError("write at least one event")
        ids = [event.event_id for event in events]
        for template in ids:
            if ids.count(template) > 1:
                raise ValueError(f"two events have the eventId '{template}'; give each its own")
        most = sum(event.repeat.at_most if event.repeat else 1 for event in events)
        if most > MAX_EVENTS:
            raise ValueError(f"a row can make {most} events; lower atMost until it is {MAX_EVENTS} or less")
        return events

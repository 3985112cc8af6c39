"""The mapping that a person writes: how a file is written, and which events its rows become. Reads no file."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from domain.identity.identifier import require_kind
from domain.rule_language.section import Names, Section
from workflows.capture.event_input import MAX_EVENTS
from workflows.imports.mapping.cells import Column, ColumnOrTemplate, holes
from workflows.imports.mapping.event_mapping import EventMapping, as_if
from workflows.imports.mapping.file_section import FileSection
from workflows.imports.mapping.moment import Future
from workflows.imports.mapping.properties import NumberMarks, OnBad, OnEmpty
from workflows.imports.values.words import folded

__all__ = ["ColumnRule", "Mapping"]


class ColumnRule(Section):
    """Treatment of the cells of a column before anything looks at them."""

    cut_prefix: Names


class Mapping(Section):
    """The meaning of a file's rows. `empty` are the cells that say nothing, besides those with nothing in them."""

    source: str = Field(min_length=1)
    file: FileSection = FileSection()
    column_rules: dict[Column, ColumnRule] = Field({}, alias="columns")
    lead_id: ColumnOrTemplate | None = None
    identifiers: dict[str, ColumnOrTemplate] = Field({})
    empty: frozenset[str] = frozenset()
    numbers: NumberMarks = NumberMarks()
    on_bad: OnBad = "leaveOut"
    on_empty: OnEmpty = "keep"
    future: Future = "reject"
    events: tuple[EventMapping, ...]

    @property
    def columns(self) -> set[str]:
        """Every column that a file must have."""
        return self.person_columns.union(self.column_rules, *(event.columns for event in self.events))

    @property
    def person_columns(self) -> set[str]:
        """Every column that says whom a row is about."""
        return set().union(*(holes(text) for text in (self.lead_id or "", *self.identifiers.values())))

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if self.lead_id is None and not self.identifiers:
            raise ValueError("write a leadId, or identifiers of the person: {email: E-mail}")
        return self

    @field_validator("identifiers")
    @classmethod
    def _are_identifiers(cls, identifiers: dict[str, str]) -> dict[str, str]:
        for kind in identifiers:
            require_kind(kind)
        return identifiers

    @field_validator("source")
    @classmethod
    def _may_be_used(cls, source: str) -> str:
        as_if(source=source)
        return source

    @field_validator("empty")
    @classmethod
    def _without_case(cls, words: frozenset[str]) -> frozenset[str]:
        return frozenset(map(folded, words))

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

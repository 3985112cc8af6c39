"""Columns and properties that look as if they say who a person is."""

from __future__ import annotations

from collections.abc import Iterable

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from workflows.imports.mapping.mapping import Mapping

__all__ = ["looks_personal", "open_personal_properties"]


def looks_personal(name: str) -> bool:
    """Whether a column or property of this name usually says who a person is."""
    return name in USUAL_FIELDS


def open_personal_properties(mapping: Mapping, sealed: PersonalFields) -> tuple[str, ...]:
    """The properties of a mapping that look personal, by their own name or their column's, and are not sealed."""
    return tuple(_described(*one) for one in sorted(_properties(mapping)) if _is_open(*one, sealed))


def _properties(mapping: Mapping) -> Iterable[tuple[str, str]]:
    return {
        (name, wanted.column)
        for event in mapping.events
        for name, wanted in event.properties.items()
        if wanted.column
    }


def _is_open(name: str, column: str, sealed: PersonalFields) -> bool:
    return name not in sealed and (looks_personal(name) or looks_personal(column))


def _described(name: str, column: str) -> str:
    return f"{name} (column '{column}')"

"""Sections: the pydantic models of what people write in rulebooks, mappings and sequences.

A section says what may be written. `describe` puts it into words, `compile` into its executable form: a plain frozen
object.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.events.vocabulary import BOOKKEEPING

__all__ = ["ActivityTypes", "Names", "NamesOrNone", "Number", "Section", "Slug"]


class Section(BaseModel):
    """A part of a document: camelCase in YAML, frozen, finite numbers only, and nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        model_title_generator=lambda section: section.__name__.removesuffix("Section"),
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )

    @property
    def is_empty(self) -> bool:
        """Whether no field is given."""
        return self.given_count == 0

    @property
    def given_count(self) -> int:
        """How many of the fields are given."""
        return sum(getattr(self, name) is not None for name in type(self).model_fields)


Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
"""A name that may stand in a database key: letters, digits, dash and underscore."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One name or a list of names."""

NamesOrNone = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=0)]
"""One name, a list of names, or an empty list."""


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"should be a number, not {str(value).lower()}")  # noqa: TRY004 - pydantic reports this kind
    return value


Number = Annotated[float, BeforeValidator(_no_truth)]
"""A number; `true` is not one."""


def _can_score(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name in BOOKKEEPING:
            raise ValueError(f"'{name}' says something about a lead that it has not done, so it cannot score")
    return names


ActivityTypes = Annotated[Names, AfterValidator(_can_score)]
"""Types of events in which a lead does something."""

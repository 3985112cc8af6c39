"""Tests on the properties of an event: all of those that are named, and groups of which one, or all, must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from msgspec import Struct
from pydantic import ConfigDict, Field, model_validator

from domain.events.event import Json
from domain.rule_language.matcher import Match, Matcher
from domain.rule_language.reference import Place, PropertyRead
from domain.rule_language.section import Section

__all__ = ["Where", "WhereSection"]


class Where(Struct, frozen=True):
    """Tests in executable form."""

    tests: tuple[tuple[str, Matcher], ...] = ()
    any_of: tuple[Where, ...] = ()
    all_of: tuple[Where, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it holds for every event."""
        return not (self.tests or self.any_of or self.all_of)

    def holds(self, properties: dict[str, Json]) -> bool:
        """Whether the properties of an event pass."""
        for name, test in self.tests:
            if not test.holds(properties.get(name)):
                return False
        return (not self.any_of or any(part.holds(properties) for part in self.any_of)) and all(
            part.holds(properties) for part in self.all_of
        )


class WhereSection(Section):
    """A test for each property that is named, all of which must hold; of `anyOf` one part must, of `allOf` all parts."""

    model_config = ConfigDict(extra="allow", populate_by_name=False)
    __pydantic_extra__: dict[str, Match] = Field(init=False)

    any_of: tuple[Self, ...] | None = Field(None, min_length=1)
    all_of: tuple[Self, ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _groups_say_something(self) -> Self:
        for name, group in (("anyOf", self.any_of), ("allOf", self.all_of)):
            if any(part.is_empty for part in group or ()):
                raise ValueError(
                    f"a part of {name} is empty, so that it always holds; fill it in or remove it"
                )
        return self

    @property
    def properties(self) -> dict[str, Match]:
        """The test on each property."""
        return self.__pydantic_extra__

    @property
    def is_empty(self) -> bool:
        """Whether it holds for every event."""
        return not (self.properties or self.any_of or self.all_of)

    def compile(self) -> Where:
        """The tests in executable form."""
        return Where(
            tuple((name, test.compile()) for name, test in self.properties.items()),
            tuple(part.compile() for part in self.any_of or ()),
            tuple(part.compile() for part in self.all_of or ()),
        )

    def describe(self) -> str:
        """The tests in words; empty if there are none."""
        return " and ".join(self._phrases())

    def _phrases(self) -> Iterator[str]:
        yield from (f"{name} {test.describe()}" for name, test in self.properties.items())
        yield from (f"({part.describe()})" for part in self.all_of or ())
        if self.any_of is not None:
            yield f"({' or '.join(part.describe() for part in self.any_of)})"

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each property whose value makes a difference, and where in this section it is asked for."""
        for name, test in self.properties.items():
            if not test.asks_for_presence_alone:
                yield PropertyRead(name, (name,))
        for group, parts in (("anyOf", self.any_of), ("allOf", self.all_of)):
            for number, part in enumerate(parts or ()):
                for name, place in part.properties_read():
                    inside: Place = (group, number, *place)
                    yield PropertyRead(name, inside)

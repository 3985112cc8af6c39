"""Matchers: tests that rulebooks set on properties of events and on attributes of leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Struct
from pydantic import BeforeValidator, Field, model_validator

from domain.events.event import Json
from domain.rule_language.section import Section
from domain.rule_language.words import any_of, value_in_words

__all__ = ["Match", "Matcher", "MatcherSection", "describe_all"]

Scalar = bool | int | float | str


class Matcher(Struct, frozen=True):
    """A test on one value. Words are compared without regard to case."""

    equals: Scalar | None
    in_: tuple[Scalar, ...] | None
    range: tuple[float | None, float | None] | None
    prefix: str | None
    exists: bool | None
    holds_for_nothing: bool
    """Whether it holds for a value that is not given."""

    def holds(self, value: Json) -> bool:
        """Whether the value passes every part of the test; None stands for a value that is not given."""
        if value is None:
            return self.holds_for_nothing
        return (
            self.exists is not False
            and (self.equals is None or _same(value, self.equals))
            and (self.in_ is None or any(_same(value, one) for one in self.in_))
            and (self.range is None or _within(value, self.range))
            and (self.prefix is None or (isinstance(value, str) and value.lower().startswith(self.prefix)))
        )


class MatcherSection(Section):
    """A test on one value; all the given parts must hold. Words are compared without regard to case."""

    equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    range: tuple[float | None, float | None] | None = None
    prefix: str | None = Field(None, min_length=1)
    exists: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> MatcherSection:
        if self.is_empty:
            raise ValueError("say at least one of equals, in, range, prefix, exists")
        return self

    @property
    def asks_for_presence_alone(self) -> bool:
        """Whether it only asks if there is a value, and not what it is."""
        return self.exists is not None and self.given_count == 1

    def compile(self) -> Matcher:
        """The test in executable form."""
        return Matcher(
            self.equals,
            self.in_,
            self.range,
            None if self.prefix is None else self.prefix.lower(),
            self.exists,
            holds_for_nothing=self.exists is False and self.asks_for_presence_alone,
        )

    def describe(self) -> str:
        """The test in words: `is 5`, `is a or b`, `from 10 to 50`, `begins with /pricing`."""
        return " and ".join(self._phrases())

    def _phrases(self) -> Iterator[str]:
        if self.equals is not None:
            yield f"is {value_in_words(self.equals)}"
        if self.in_ is not None:
            yield f"is {any_of(self.in_)}"
        if self.range is not None and (span := _span(*self.range)):
            yield span
        if self.prefix is not None:
            yield f"begins with {self.prefix}"
        if self.exists is not None:
            yield "is given" if self.exists else "is not given"


def describe_all(tests: Mapping[str, MatcherSection]) -> str:
    """Tests of properties in words; empty if there are none."""
    return " and ".join(f"{name} {test.describe()}" for name, test in tests.items())


def _as_test(value: object) -> object:
    """A plain value is short for "equals this value"."""
    return {"equals": value} if isinstance(value, (bool, int, float, str)) else value


Match = Annotated[MatcherSection, BeforeValidator(_as_test)]
"""A test as written: a section, or a plain value that is short for equality."""


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}"
    return f"at most {high:g}" if high is not None else ""


def _same(value: Json, wanted: Scalar) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def _within(value: Json, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (low is None or value >= low) and (high is None or value <= high)

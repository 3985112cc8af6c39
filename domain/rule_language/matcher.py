"""Matchers: tests that rulebooks set on properties of events and on attributes of leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Struct
from pydantic import BeforeValidator, Field, model_validator

from domain.events.event import Json
from domain.rule_language.section import Section
from domain.rule_language.value import as_number, as_text, as_truth
from domain.rule_language.words import any_of, value_in_words

__all__ = ["Match", "Matcher", "MatcherSection", "Scalar", "Wanted"]

Scalar = bool | int | float | str


class Wanted(Struct, frozen=True):
    """A value that a rule names, in every form in which it may be met: as written, as a number, as a truth value, as a word."""

    value: Scalar
    number: int | float | None
    truth: bool | None
    text: str | None

    @classmethod
    def of(cls, value: Scalar) -> Wanted:
        """The forms of a value."""
        return cls(value, as_number(value), as_truth(value), as_text(value))

    def is_same(self, given: Json) -> bool:
        """Whether the given value is this one, however it is typed.

        Where a truth value is written, or given, both are taken for one, so that 1 and true are the same either way; else numbers are compared as numbers, and all other
        values as words without surrounding blanks and without regard to case.
        """
        if isinstance(self.value, bool):
            return as_truth(given) is self.value
        if isinstance(given, bool):
            return self.truth is given
        if self.number is not None and (number := as_number(given)) is not None:
            return number == self.number
        return self.text is not None and as_text(given) == self.text


class Matcher(Struct, frozen=True):
    """A test on one value: what it means is compared, not how it is typed."""

    equals: Wanted | None
    in_: tuple[Wanted, ...] | None
    range: tuple[float | None, float | None] | None
    prefix: str | None
    has: tuple[Wanted, ...] | None
    """Of these a list must hold one."""
    exists: bool | None
    holds_for_nothing: bool
    """Whether it holds for a value that is not given."""

    def holds(self, value: Json) -> bool:
        """Whether the value passes every part of the test; None stands for a value that is not given."""
        if value is None:
            return self.holds_for_nothing
        return (
            self.exists is not False
            and (self.equals is None or self.equals.is_same(value))
            and (self.in_ is None or any(one.is_same(value) for one in self.in_))
            and (self.range is None or _within(value, self.range))
            and (self.prefix is None or (as_text(value) or "").startswith(self.prefix))
            and (self.has is None or _has_one(value, self.has))
        )


class MatcherSection(Section):
    """A test on one value; all the given parts must hold.

    Numbers, truth values and words are compared by what they mean: 250, "250" and "250.00" are the same, and so are true,
    "Yes" and 1 where `true` is written. Words are compared without surrounding blanks and without regard to case.
    """

    equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    range: tuple[float | None, float | None] | None = None
    prefix: str | None = Field(None, min_length=1)
    has: Scalar | None = Field(None, description="The value is a list that holds this one.")
    has_any: tuple[Scalar, ...] | None = Field(
        None, min_length=1, description="The value is a list that holds one of these."
    )
    exists: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> MatcherSection:
        if self.is_empty:
            raise ValueError("say at least one of equals, in, range, prefix, has, hasAny, exists")
        if self.has is not None and self.has_any is not None:
            raise ValueError("write has or hasAny; in allOf of where both may stand")
        return self

    @property
    def asks_for_presence_alone(self) -> bool:
        """Whether it only asks if there is a value, and not what it is."""
        return self.exists is not None and self.given_count == 1

    def compile(self) -> Matcher:
        """The test in executable form."""
        has = self.has_any if self.has is None else (self.has,)
        return Matcher(
            None if self.equals is None else Wanted.of(self.equals),
            _all_wanted(self.in_),
            self.range,
            None if self.prefix is None else as_text(self.prefix),
            _all_wanted(has),
            self.exists,
            holds_for_nothing=self.exists is False and self.asks_for_presence_alone,
        )

    def describe(self) -> str:
        """The test in words: `is 5`, `is a or b`, `from 10 to 50`, `begins with /pricing`, `has a`."""
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
        if self.has is not None:
            yield f"has {value_in_words(self.has)}"
        if self.has_any is not None:
            yield f"has {any_of(self.has_any)}"
        if self.exists is not None:
            yield "is given" if self.exists else "is not given"


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


def _all_wanted(values: tuple[Scalar, ...] | None) -> tuple[Wanted, ...] | None:
    return None if values is None else tuple(map(Wanted.of, values))


def _within(value: Json, bounds: tuple[float | None, float | None]) -> bool:
    (low, high), number = bounds, as_number(value)
    if number is None:
        return False
    return (low is None or number >= low) and (high is None or number <= high)


def _has_one(value: Json, wanted: tuple[Wanted, ...]) -> bool:
    """Whether a list holds one of them; a single value is a list of one."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    return any(one.is_same(item) for item in items for one in wanted)

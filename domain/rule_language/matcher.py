"""Tests that rulebooks set on properties of events and on attributes of leads."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from domain.events.event import Json
from domain.rule_language.section import Section

__all__ = ["Given", "Matcher"]

Scalar = bool | int | float | str


def _as_test(value: object) -> object:
    """A plain value is short for "equals this value"."""
    return {"equals": value} if isinstance(value, (bool, int, float, str)) else value


class Matcher(Section):
    """What a value must be like; all the given parts must hold. Words are compared without regard to case."""

    equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    range: tuple[float | None, float | None] | None = None
    prefix: str | None = Field(None, min_length=1)
    exists: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Matcher:
        if self.is_empty:
            raise ValueError("say at least one of equals, in, range, prefix, exists")
        return self

    def holds(self, value: Json) -> bool:
        """Whether the value is as the test says; None stands for a value that is not given."""
        if value is None:
            return self.exists is False and self.said == 1
        return (
            self.exists is not False
            and (self.equals is None or _same(value, self.equals))
            and (self.in_ is None or any(_same(value, one) for one in self.in_))
            and (self.range is None or _within(value, self.range))
            and (
                self.prefix is None
                or (isinstance(value, str) and value.lower().startswith(self.prefix.lower()))
            )
        )


Given = Annotated[Matcher, BeforeValidator(_as_test)]
"""A test, or a plain value that is short for equality."""


def _same(value: Json, wanted: Scalar) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def _within(value: Json, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (low is None or value >= low) and (high is None or value <= high)

"""Conditions that rulebooks set on what is measured of a lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from operator import eq
from typing import Any

from pydantic import model_validator

from domain.decisions.assessment import Measurements
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names, Number, Section
from domain.rule_language.words import any_of

__all__ = ["Condition", "NumberTest"]

_MEASURES = frozenset({"score", "grade", "velocity", "momentum", "surge"})
_TOLERANCE = 1e-9
"""Points. Sums in another order differ in the last bits; they must not differ in what follows from them."""


class NumberTest(Section):
    """A test on a number; all the given bounds must hold."""

    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> NumberTest:
        if self.is_empty:
            raise ValueError("say at least one of above, atLeast, below, atMost")
        return self

    def holds(self, value: float) -> bool:
        """Whether `value` lies within all the bounds."""
        return (
            (self.above is None or value > self.above + _TOLERANCE)
            and (self.at_least is None or value >= self.at_least - _TOLERANCE)
            and (self.below is None or value < self.below - _TOLERANCE)
            and (self.at_most is None or value <= self.at_most + _TOLERANCE)
        )

    def describe(self) -> str:
        """The bounds in words: `above 6`, `at least 1 and below 3`."""
        bounds = {
            "above": self.above,
            "at least": self.at_least,
            "below": self.below,
            "at most": self.at_most,
        }
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)


class Condition(Section):
    """A test on what is measured of a lead; every field that is given must hold, and none given always holds."""

    stage: Names | None = None
    grade: Names | None = None
    risk: Names | None = None
    score: NumberTest | None = None
    velocity: NumberTest | None = None
    momentum: NumberTest | None = None
    surge: bool | None = None
    open_conversation: bool | None = None

    def holds(self, measured: Measurements) -> bool:
        """Whether what is measured meets every part of the condition."""
        for name, test in self._tests:
            if not test(getattr(measured, name)):
                return False
        return True

    def references(self) -> Iterator[Reference]:
        """The stages and risk bands in it, which the rulebook must define."""
        if self.stage is not None:
            yield Reference("stage", self.stage, "stage")
        if self.risk is not None:
            yield Reference("risk band", self.risk, "risk")

    def describe(self) -> str:
        """The condition in words; empty if it always holds."""
        return ", ".join(self._phrases())

    def _phrases(self) -> Iterator[str]:
        for word, names in (("", self.stage), ("grade ", self.grade), ("risk ", self.risk)):
            if names is not None:
                yield f"{word}{any_of(names)}"
        numbers = {"score": self.score, "velocity": self.velocity, "momentum": self.momentum}
        yield from (f"{word} {test.describe()}" for word, test in numbers.items() if test is not None)
        if self.surge is not None:
            yield "in a surge" if self.surge else "not in a surge"
        if self.open_conversation is not None:
            yield "has written and not been answered" if self.open_conversation else "no answer owed"

    @cached_property
    def is_of_measures(self) -> bool:
        """Whether it asks for score, grade or pace."""
        return any(name in _MEASURES for name, _ in self._tests)

    @cached_property
    def _tests(self) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
        """For each field that is given, the field of a measured and what its value must pass."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple((name, _test(wanted)) for name, wanted in given if wanted is not None)


def _test(wanted: object) -> Callable[[Any], bool]:
    """The test of one field: one of the names, a number within bounds, or just this truth."""
    if isinstance(wanted, NumberTest):
        return lambda value: value is not None and wanted.holds(value)
    if isinstance(wanted, tuple):
        return frozenset(wanted).__contains__
    return partial(eq, wanted)

"""Conditions that rulebooks set on what is measured of a lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from msgspec import Struct
from pydantic import model_validator

from domain.decisions.assessment import Measurements
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names, Number, Section
from domain.rule_language.words import any_of

__all__ = ["Condition", "ConditionSection", "NumberRange", "NumberTest"]

_TOLERANCE = 1e-9
"""Points. Sums in another order differ in the last bits; they must not differ in what follows from them."""


class NumberRange(Struct, frozen=True):
    """Bounds of a number, tolerance included; infinite where nothing is asked."""

    above: float
    at_least: float
    below: float
    at_most: float

    def holds(self, value: float | None) -> bool:
        """Whether `value` lies within all the bounds; None, a value that is not measured, never does."""
        return (
            value is not None
            and value > self.above
            and value >= self.at_least
            and value < self.below
            and value <= self.at_most
        )


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

    def compile(self) -> NumberRange:
        """The bounds in executable form."""
        return NumberRange(
            above=-inf if self.above is None else self.above + _TOLERANCE,
            at_least=-inf if self.at_least is None else self.at_least - _TOLERANCE,
            below=inf if self.below is None else self.below - _TOLERANCE,
            at_most=inf if self.at_most is None else self.at_most + _TOLERANCE,
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


Test = Callable[[Measurements], bool]


class Condition(Struct, frozen=True):
    """Tests that must all pass; without any it always holds.

    `stages` are those in which it can hold, None for all. `of_measures` says whether a test looks at score, grade,
    velocity, momentum or surge.
    """

    tests: tuple[Test, ...]
    stages: tuple[str, ...] | None
    of_measures: bool

    def holds(self, measured: Measurements) -> bool:
        """Whether what is measured passes every test."""
        for test in self.tests:
            if not test(measured):
                return False
        return True


class ConditionSection(Section):
    """A test on what is measured of a lead; every field that is given must hold, and none given always holds."""

    stage: Names | None = None
    grade: Names | None = None
    risk: Names | None = None
    score: NumberTest | None = None
    velocity: NumberTest | None = None
    momentum: NumberTest | None = None
    surge: bool | None = None
    open_conversation: bool | None = None

    def compile(self) -> Condition:
        """The condition in executable form."""
        measures = (self.score, self.grade, self.velocity, self.momentum, self.surge)
        return Condition(
            (*self._name_tests(), *self._number_tests(), *self._truth_tests()),
            self.stage,
            of_measures=any(given is not None for given in measures),
        )

    def _name_tests(self) -> Iterator[Test]:
        if self.stage is not None:
            stages = frozenset(self.stage)
            yield lambda measured: measured.stage in stages
        if self.grade is not None:
            grades = frozenset(self.grade)
            yield lambda measured: measured.grade in grades
        if self.risk is not None:
            bands = frozenset(self.risk)
            yield lambda measured: measured.risk in bands

    def _number_tests(self) -> Iterator[Test]:
        if self.score is not None:
            score = self.score.compile()
            yield lambda measured: score.holds(measured.score)
        if self.velocity is not None:
            velocity = self.velocity.compile()
            yield lambda measured: velocity.holds(measured.velocity)
        if self.momentum is not None:
            momentum = self.momentum.compile()
            yield lambda measured: momentum.holds(measured.momentum)

    def _truth_tests(self) -> Iterator[Test]:
        if (surge := self.surge) is not None:
            yield lambda measured: measured.surge is surge
        if (is_open := self.open_conversation) is not None:
            yield lambda measured: measured.open_conversation is is_open

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

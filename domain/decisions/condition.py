"""Conditions that rulebooks set on what is measured of a lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Annotated, Self

from msgspec import Struct
from pydantic import BeforeValidator, Field, StrictBool, model_validator

from domain.decisions.assessment import Measurements
from domain.decisions.outcome import OPEN, OutcomeName
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names, Number, Section
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.words import any_of

__all__ = ["Condition", "ConditionSection", "NumberRange", "NumberTest"]


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
            above=-inf if self.above is None else self.above + TOLERANCE,
            at_least=-inf if self.at_least is None else self.at_least - TOLERANCE,
            below=inf if self.below is None else self.below - TOLERANCE,
            at_most=inf if self.at_most is None else self.at_most + TOLERANCE,
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


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OutcomeNames = Annotated[tuple[OutcomeName, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class ConditionSection(Section):
    """A test on what is measured of a lead; every field that is given must hold, and none given always holds.

    A condition that names `outcome` nowhere holds for open leads only. `contactable` asks whether the lead may be
    contacted at all, or in one of these channels. Of `any_of` one must hold, of `all_of` all.
    """

    stage: Names | None = None
    grade: Names | None = None
    risk: Names | None = None
    score: NumberTest | None = None
    velocity: NumberTest | None = None
    momentum: NumberTest | None = None
    surge: bool | None = None
    open_conversation: bool | None = None
    contactable: StrictBool | Names | None = None
    outcome: OutcomeNames | None = None
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
    def asks_for_outcome(self) -> bool:
        """Whether it says anything of the outcome, at any depth."""
        return self.outcome is not None or any(part.asks_for_outcome for part in self._parts())

    def compile(self, outcomes: Iterable[OutcomeName] = (OPEN,)) -> Condition:
        """The condition in executable form; one that does not ask for the outcome holds for these `outcomes` only."""
        whole = self.compile_as_written()
        if self.asks_for_outcome:
            return whole
        held = frozenset(outcomes)
        return Condition(
            (*whole.tests, lambda measured: measured.outcome in held), whole.stages, whole.of_measures
        )

    def compile_as_written(self) -> Condition:
        """The condition in executable form, whatever the outcome if it does not ask for it."""
        one_of = tuple(part.compile_as_written() for part in self.any_of or ())
        each = tuple(part.compile_as_written() for part in self.all_of or ())
        measures = (self.score, self.grade, self.velocity, self.momentum, self.surge)
        tests = (*self._name_tests(), *self._number_tests(), *self._truth_tests())
        return Condition(
            (*tests, *(part.holds for part in each), *((_one_of(one_of),) if one_of else ())),
            self.stage,
            of_measures=any(given is not None for given in measures)
            or any(part.of_measures for part in (*one_of, *each)),
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
        if self.outcome is not None:
            outcomes = frozenset(self.outcome)
            yield lambda measured: measured.outcome in outcomes

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
        if isinstance(contactable := self.contactable, bool):
            yield lambda measured: measured.suppressed is not contactable
        elif contactable is not None:
            channels = contactable
            yield (
                lambda measured: (
                    not measured.suppressed and any(one not in measured.closed_channels for one in channels)
                )
            )

    def _parts(self) -> tuple[Self, ...]:
        return (*(self.any_of or ()), *(self.all_of or ()))

    def references(self) -> Iterator[Reference]:
        """The stages, risk bands and channels in it, which the rulebook must define."""
        if self.stage is not None:
            yield Reference("stage", self.stage, ("stage",))
        if self.risk is not None:
            yield Reference("risk band", self.risk, ("risk",))
        if isinstance(self.contactable, tuple):
            yield Reference("channel", self.contactable, ("contactable",))
        for name, group in (("anyOf", self.any_of), ("allOf", self.all_of)):
            for number, part in enumerate(group or ()):
                for kind, names, place in part.references():
                    yield Reference(kind, names, (name, number, *place))

    def describe(self) -> str:
        """The condition in words; empty if it always holds."""
        return ", ".join(phrase for _, phrase in self._phrases())

    def describe_lead(self) -> str:
        """The condition as a predicate of the lead: `is hot and may be contacted`; empty if it always holds."""
        return " and ".join(f"{verb}{phrase}" for verb, phrase in self._phrases())

    def _phrases(self) -> Iterator[tuple[str, str]]:
        """Each test in words, with the verb that makes a predicate of it."""
        names = (
            ("is ", "", self.stage),
            ("has ", "grade ", self.grade),
            ("has ", "risk ", self.risk),
            ("is ", "", self.outcome),
        )
        for verb, word, given in names:
            if given is not None:
                yield verb, f"{word}{any_of(given)}"
        numbers = {"score": self.score, "velocity": self.velocity, "momentum": self.momentum}
        yield from (
            ("has ", f"{word} {test.describe()}") for word, test in numbers.items() if test is not None
        )
        if self.surge is not None:
            yield "is ", "in a surge" if self.surge else "not in a surge"
        if self.open_conversation is not None:
            yield (
                ("", "has written and not been answered")
                if self.open_conversation
                else ("has ", "no answer owed")
            )
        if isinstance(self.contactable, bool):
            yield "", "may be contacted" if self.contactable else "must not be contacted"
        elif self.contactable is not None:
            yield "", f"may be contacted by {any_of(self.contactable)}"
        yield from (("meets ", f"({part.describe()})") for part in self.all_of or ())
        if self.any_of is not None:
            yield "meets ", " or ".join(f"({part.describe()})" for part in self.any_of)


def _one_of(parts: tuple[Condition, ...]) -> Test:
    return lambda measured: any(part.holds(measured) for part in parts)

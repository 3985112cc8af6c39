"""Conditions of a rulebook in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from domain.decisions.condition import Condition, NumberTest
from domain.rule_language.matcher import Matcher

__all__ = ["any_of", "condition_in_words", "number_in_words", "value_in_words", "where_in_words"]


def any_of(names: Iterable[object]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *others, last = [_value(name) for name in names]
    return f"{', '.join(others)} or {last}" if others else last


def number_in_words(test: NumberTest) -> str:
    """`above 6`, `at least 1 and below 3`."""
    bounds = {
        "above": test.above,
        "at least": test.at_least,
        "below": test.below,
        "at most": test.at_most,
    }
    return " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)


def condition_in_words(condition: Condition) -> str:
    """The whole condition; empty if it always holds."""
    return ", ".join(_parts(condition))


def where_in_words(where: Mapping[str, Matcher]) -> str:
    """What the properties of an event must be like; empty if anything will do."""
    return " and ".join(f"{name} {value_in_words(test)}" for name, test in where.items())


def value_in_words(test: Matcher) -> str:
    """`is 5`, `is one of a or b`, `from 10 to 50`, `begins with /pricing`."""
    return " and ".join(_tests(test))


def _parts(condition: Condition) -> Iterator[str]:
    for word, names in (("", condition.stage), ("grade ", condition.grade), ("risk ", condition.risk)):
        if names is not None:
            yield f"{word}{any_of(names)}"
    for word, test in (
        ("score", condition.score),
        ("velocity", condition.velocity),
        ("momentum", condition.momentum),
    ):
        if test is not None:
            yield f"{word} {number_in_words(test)}"
    if condition.surge is not None:
        yield "in a surge" if condition.surge else "not in a surge"
    if condition.open_conversation is not None:
        yield "has written and not been answered" if condition.open_conversation else "no answer owed"


def _tests(test: Matcher) -> Iterator[str]:
    if test.equals is not None:
        yield f"is {_value(test.equals)}"
    if test.in_ is not None:
        yield f"is {any_of(test.in_)}"
    if test.range is not None:
        low, high = test.range
        if low is not None and high is not None:
            yield f"from {low:g} to {high:g}"
        elif low is not None or high is not None:
            yield f"at least {low:g}" if low is not None else f"at most {high:g}"
    if test.prefix is not None:
        yield f"begins with {test.prefix}"
    if test.exists is not None:
        yield "is given" if test.exists else "is not given"


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

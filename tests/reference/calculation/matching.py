"""Tests on values, as `where` and the cases of fit have them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

YES, NO = {"true", "yes", "y", "on", "1"}, {"false", "no", "n", "off", "0"}


def holds(test: Any, value: Any) -> bool:
    """Whether the value, None where there is none, passes a test as written in a rulebook."""
    if not isinstance(test, dict):
        test = {"equals": test}
    return all(_KINDS[kind](wanted, value) for kind, wanted in test.items())


def word(value: Any) -> str:
    """How a word or number is spelt, without blanks around it and in one case."""
    return "" if value is None else str(value).strip().casefold()


def number(value: Any) -> Decimal | None:
    """The number that a value is or spells in plain digits, without a leading zero or plus."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    spelt = re.fullmatch(r"-?(0|[1-9][0-9]*)([.][0-9]+)?", word(value))
    return Decimal(word(value)) if spelt or not isinstance(value, str) else None


def _same(wanted: Any, value: Any) -> bool:
    if value is None or isinstance(value, list | dict):
        return False
    if isinstance(wanted, bool):
        return word(value).removesuffix(".0") in (YES if wanted else NO)
    if isinstance(value, bool):
        return isinstance(wanted, str) and word(wanted) in (YES if value else NO)
    if number(wanted) is not None and number(value) is not None:
        return number(wanted) == number(value)
    return word(wanted) == word(value)


def _within(bounds: list[float | None], value: Any) -> bool:
    (low, high), is_number = bounds, number(value)
    if is_number is None:
        return False
    return (low is None or is_number >= low) and (high is None or is_number <= high)


_KINDS = {
    "equals": _same,
    "in": lambda options, value: any(_same(option, value) for option in options),
    "range": _within,
    "prefix": lambda start, value: word(value).startswith(word(start)),
    "exists": lambda wanted, value: wanted == (value is not None),
}

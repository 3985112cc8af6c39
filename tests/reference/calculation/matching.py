"""Tests on values, as `where` and the cases of fit have them: what a value means is compared, not how it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

TRUTHS = {
    "yes": True,
    "y": True,
    "on": True,
    "true": True,
    "no": False,
    "n": False,
    "off": False,
    "false": False,
}


def where_holds(where: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Whether every property that is named passes its test, one of `anyOf` and all of `allOf`."""
    groups = {"anyOf": any, "allOf": all}
    return all(
        groups[name](where_holds(one, properties) for one in test)
        if name in groups
        else holds(test, properties.get(name))
        for name, test in where.items()
    )


def holds(test: Any, value: Any) -> bool:
    """Whether the value, None where there is none, passes a test as written in a rulebook."""
    if not isinstance(test, dict):
        test = {"equals": test}
    return all(_KINDS[kind](wanted, value) for kind, wanted in test.items())


def key(value: Any) -> Fraction | str:
    """What a value counts under where something counts once per value."""
    as_number = _number(value)
    return _word(value) if as_number is None else as_number


def _number(value: Any) -> Fraction | None:
    """The number that a value is, or that a text is in plain decimal digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Fraction(str(value))
    if not isinstance(value, str):
        return None
    whole, point, part = value.strip().removeprefix("-").partition(".")
    digits = [whole, part] if point else [whole]
    is_plain = all(one.isascii() and one.isdigit() for one in digits) and (whole == "0" or whole[0] != "0")
    return Fraction(value.strip()) if is_plain else None


def _word(value: Any) -> str:
    return "" if value is None else str(value).strip().casefold()


def _truth(value: Any) -> bool | None:
    """What a value says to a question of yes or no; None for nothing."""
    if isinstance(value, bool):
        return value
    number = _number(value)
    return TRUTHS.get(_word(value)) if number is None else {0: False, 1: True}.get(number)


def _same(wanted: Any, value: Any) -> bool:
    if value is None or isinstance(value, list | dict):
        return False
    if isinstance(wanted, bool):
        return _truth(value) is wanted
    if isinstance(value, bool):
        return _truth(wanted) is value
    return key(wanted) == key(value)


def _within(bounds: list[float | None], value: Any) -> bool:
    low, high = map(_number, bounds)
    number = _number(value)
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _has(wanted: Any, value: Any) -> bool:
    return any(_same(wanted, one) for one in (value if isinstance(value, list) else [value]))


_KINDS = {
    "equals": _same,
    "in": lambda options, value: any(_same(option, value) for option in options),
    "range": _within,
    "prefix": lambda start, value: not isinstance(value, bool) and _word(value).startswith(_word(start)),
    "has": _has,
    "hasAny": lambda options, value: any(_has(option, value) for option in options),
    "exists": lambda wanted, value: wanted == (value is not None),
}

"""Tests on values, as `where` and the cases of fit have them."""

from __future__ import annotations

from typing import Any


def holds(test: Any, value: Any) -> bool:
    """Whether the value, None where there is none, passes a test as written in a rulebook."""
    if not isinstance(test, dict):
        test = {"equals": test}
    return all(_KINDS[kind](wanted, value) for kind, wanted in test.items())


def _same(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str) and isinstance(value, str):
        return wanted.lower() == value.lower()
    return isinstance(wanted, bool) == isinstance(value, bool) and wanted == value and value is not None


def _within(bounds: list[float | None], value: Any) -> bool:
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


_KINDS = {
    "equals": _same,
    "in": lambda options, value: any(_same(option, value) for option in options),
    "range": _within,
    "prefix": lambda start, value: isinstance(value, str) and value.lower().startswith(start.lower()),
    "exists": lambda wanted, value: wanted == (value is not None),
}

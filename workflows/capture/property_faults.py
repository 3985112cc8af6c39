"""Faults of property values that cannot be stored: names, depth, and numbers out of range."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from domain.errors import Fault, json_pointer
from domain.events.event import Json

__all__ = ["MAX_INT", "MIN_INT", "property_faults"]

MIN_INT, MAX_INT = -(2**63), 2**63 - 1
"""The whole numbers that the store can hold."""
_MAX_DEPTH = 16
"""Levels of nesting."""
_ALWAYS_STORABLE = {str, bool, type(None)}
_NUMBERS = {int, float}


def property_faults(properties: dict[str, Json], pointer: str) -> Iterator[Fault]:
    """Every fault in the properties of an event, which `pointer` names."""
    if not _are_storable_names(properties) or not _are_storable(properties.values(), _MAX_DEPTH):
        yield from _faults(properties, pointer, _MAX_DEPTH)


def _are_storable(values: Collection[Any], levels: int) -> bool:
    """Whether there is no fault: without the pointers, which cost many times as much as the look at a value."""
    if levels == 0:
        return False
    kinds = set(map(type, values))
    if kinds == _NUMBERS and _are_small(values):
        return True
    for kind in kinds - _ALWAYS_STORABLE:
        alike = values if len(kinds) == 1 else [value for value in values if type(value) is kind]
        if not _are_storable_alike(kind, alike, levels - 1):
            return False
    return True


def _are_storable_alike(kind: type, values: Collection[Any], levels: int) -> bool:
    if kind is int:
        return bool(min(values) >= MIN_INT and max(values) <= MAX_INT)
    if kind is float:
        return all(map(math.isfinite, values))
    if kind is dict:
        return all(_are_storable_names(value) and _are_storable(value.values(), levels) for value in values)
    return all(_are_storable(value, levels) for value in values)


def _are_small(numbers: Collection[int | float]) -> bool:
    """Whether none is out of range, which the length of the vector of all bounds: a tenth of looking at their kinds."""
    try:
        return math.hypot(*numbers) < MAX_INT / 2
    except OverflowError:
        return False


def _are_storable_names(names: Iterable[str]) -> bool:
    return all(name.isidentifier() or not _cannot_be_stored(name) for name in names)


def _faults(value: dict[str, Json] | list[Json], pointer: str, levels: int) -> Iterator[Fault]:
    """Faults in an object or array that may be so many levels deep."""
    if levels == 0:
        yield Fault(pointer, f"is nested more than {_MAX_DEPTH} levels deep")
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and _cannot_be_stored(key):
            yield Fault(pointer + json_pointer(key), "a name must not be empty or contain NUL")
        if isinstance(inner, (dict, list)):
            yield from _faults(inner, pointer + json_pointer(key), levels - 1)
        elif isinstance(inner, int):
            if not MIN_INT <= inner <= MAX_INT:
                detail = "is a whole number of more than 64 bits; send it as text"
                yield Fault(pointer + json_pointer(key), detail)
        elif isinstance(inner, float) and not math.isfinite(inner):
            yield Fault(pointer + json_pointer(key), "is a number out of range; send it as text")


def _cannot_be_stored(name: str) -> bool:
    return not name or "\0" in name

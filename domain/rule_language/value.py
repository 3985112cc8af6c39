"""Values of events and attributes as people mean them: numbers, yes and no, and words, however they are typed."""

from __future__ import annotations

import re
from math import isfinite

from domain.events.event import Json

__all__ = ["as_number", "as_text", "as_truth"]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_MAX_DIGITS = 40
"""Characters. A longer text is an identifier."""

_TRUTHS = {
    **dict.fromkeys(("true", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "no", "n", "off"), False),
}


def as_number(value: Json) -> int | float | None:
    """The number that a value is or spells, exact if it is whole; None if it is none.

    A text spells one in plain decimal digits: `250`, ` -2.50 `. With a leading zero or plus it is a word, as postal
    codes and telephone numbers are. Truth values are no numbers.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value if isfinite(value) else None
    if not isinstance(value, str) or len(value) > _MAX_DIGITS:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text) is None:
        return None
    whole, _, fraction = text.partition(".")
    return float(text) if fraction.strip("0") else int(whole)


def as_truth(value: Json) -> bool | None:
    """The truth value that a value is or spells: true, yes, y, on and the number 1, or their opposites; None if it is neither."""
    if isinstance(value, bool):
        return value
    if (number := as_number(value)) is not None:
        return bool(number) if number in (0, 1) else None
    return _TRUTHS.get(value.strip().casefold()) if isinstance(value, str) else None


def as_text(value: Json) -> str | None:
    """A word or number as a text without surrounding blanks and in one case; None for all else."""
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return str(int(value)) if isfinite(value) and value == int(value) else repr(value)

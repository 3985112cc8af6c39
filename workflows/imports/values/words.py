"""Words in cells: yes and no in several languages, lists, and texts that spreadsheets have protected or shortened."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["NO", "YES", "folded", "is_shortened", "read_boolean", "split_list", "without_formula"]

YES = frozenset(
    {"yes", "true", "1", "y", "t", "on", "x", "ja", "wahr", "oui", "vrai", "si", "s\u00ed", "verdadero"}
)
NO = frozenset({"no", "false", "0", "n", "f", "off", "nein", "falsch", "non", "faux", "falso"})
_FORMULA = re.compile(r'="([^"]*)"')
_SHORTENED = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+")


def folded(text: str) -> str:
    """The text for comparison: case and spaces around it make no difference."""
    return text.strip().casefold()


def read_boolean(text: str, yes: Collection[str] = (), no: Collection[str] = ()) -> bool:
    """Yes or no by the given words, else by the usual ones. Raises `ValueError` for any other text."""
    word = folded(text)
    if word in (yes or YES):
        return True
    if word in (no or NO):
        return False
    raise ValueError("is not Yes or No")


def split_list(text: str, separator: str) -> list[str]:
    """The items of a cell such as `A;B;C`, without spaces around them and without empty ones."""
    return [item.strip() for item in text.split(separator) if item.strip()]


def without_formula(text: str) -> str:
    """`00123` for `="00123"`, by which exports keep spreadsheets from reading digits as a number."""
    found = _FORMULA.fullmatch(text)
    return found[1] if found else text


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet has made a long id a number and dropped digits: `1.23457E+11`."""
    return bool(_SHORTENED.fullmatch(text))

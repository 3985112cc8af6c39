"""Numbers as files write them: decimal and thousands marks, currency, percent, accounting negatives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from msgspec import Struct

__all__ = ["NumberStyle", "decimal_mark_of", "decimal_marks", "read_number"]

_PLAIN = re.compile(r"[+-]?[0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+")
_SPACES = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019"
_CURRENCY = (
    r"[$\u00a3\u20ac\u00a5\u20b9\u20bd\u20a9\u20ba\u20ab\u20b4\u20a6\u0e3f]"
    r"|(?:US|CA|AU|NZ|HK|R|S|C|A)\$|kr\.?|z\u0142|K\u010d|Ft|lei|Fr\.?|Rs\.?"
    r"|AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PHP|PLN"
    r"|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_UNIT = rf"(?:{_CURRENCY}|%)"
_SIGNED = re.compile(
    rf"(?:{_UNIT}\s*+(?=\())?(?P<open>\()?\s*+(?P<sign>[+-])?\s*+{_UNIT}?\s*+(?P<inner>[+-])?\s*+"
    rf"(?P<digits>[0-9.,{_SPACES}{_APOSTROPHES}]*[0-9][.,]?)"
    rf"\s*+{_UNIT}?\s*+(?P<trail>-)?\s*+(?P<close>\))?",
    re.IGNORECASE,
)
_INT64 = range(-(2**63), 2**63)
_GROUP = 3
"""Digits after a thousands mark: with as many after a single mark, it may be a decimal mark as well."""


class NumberStyle(Struct, frozen=True):
    """The marks that somebody says, or that the rest of the column shows; None is open."""

    decimal: str | None = None
    thousands: str | None = None
    is_certain: bool = True
    """False if it was only seen in other cells: then a cell that can mean one thing means that."""


_OPEN = NumberStyle(is_certain=False)


def read_number(text: str, style: NumberStyle = _OPEN) -> int | float:
    """The number without its currency or percent sign; `45%` is 45. Whole ones stay whole.

    Raises `ValueError`, which says what is wrong, for what is no number, is one of more than 64 bits, or can be two.
    """
    if _PLAIN.fullmatch(text):
        return _whole(int(text))
    if _SCIENTIFIC.fullmatch(text) and style.decimal != ",":
        return _finite(float(text))
    found = _SIGNED.fullmatch(_with_plain_minus(text))
    if not found or bool(found["open"]) != bool(found["close"]):
        raise ValueError("is not a number such as 12 or 3.5")
    negative = "-" in {found["sign"], found["inner"], found["trail"]} or bool(found["open"])
    size = _size(found["digits"], style)
    return -size if negative else size


def decimal_marks(text: str) -> frozenset[str]:
    """The marks that may be the decimal mark, as far as this cell says; empty for what is no number."""
    found = _SIGNED.fullmatch(_with_plain_minus(text))
    if not found:
        return frozenset()
    return frozenset(mark for mark in ".," if _can_be(found["digits"], mark))


def decimal_mark_of(cells: Iterable[str]) -> str | None:
    """The decimal mark of a column, if its cells leave only one."""
    decided = [marks for marks in map(decimal_marks, cells) if len(marks) == 1]
    marks = frozenset().union(*decided) if decided else frozenset[str]()
    return next(iter(marks)) if len(marks) == 1 else None


def _with_plain_minus(text: str) -> str:
    return text.translate({0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2013: "-"})


def _can_be(digits: str, decimal: str) -> bool:
    try:
        _parts(digits, decimal, None)
    except ValueError:
        return False
    return True


def _size(digits: str, style: NumberStyle) -> int | float:
    decimal = style.decimal or _other(style.thousands)
    if decimal is None or not style.is_certain:
        possible = [mark for mark in ".," if _can_be(digits, mark)]
        if len(possible) == 1:
            decimal = possible[0]
        elif not possible:
            raise ValueError("is not a number such as 12 or 3.5")
        elif decimal is None and "." not in digits and "," not in digits:
            decimal = "."
        elif decimal is None:
            raise ValueError("may be thousands or a decimal; write decimal: '.' or decimal: ','")
    whole, part = _parts(digits, decimal, style.thousands)
    return _finite(float(f"{whole}.{part}")) if part is not None else _whole(int(whole))


def _other(thousands: str | None) -> str | None:
    return {".": ",", ",": "."}.get(thousands or "")


def _parts(digits: str, decimal: str, thousands: str | None) -> tuple[str, str | None]:
    """Digits before and after the decimal mark. Raises `ValueError` if the others are no thousands marks."""
    whole, mark, part = digits.partition(decimal)
    if mark and not re.fullmatch("[0-9]*", part):
        raise ValueError(f"is not a number with the decimal mark {decimal}")
    marks = sorted(set(re.sub("[0-9]", "", whole)))
    if marks and not _are_thousands(whole, marks, thousands):
        raise ValueError(f"is not a number with the decimal mark {decimal}")
    plain = re.sub("[^0-9]", "", whole)
    return plain or "0", (part or "0") if mark else None


def _are_thousands(whole: str, marks: list[str], thousands: str | None) -> bool:
    if len(marks) > 1 or (thousands is not None and marks[0] not in _alike(thousands)):
        return False
    first, *groups = whole.split(marks[0])
    # Indian numbers have groups of two before the last one: 12,34,567.
    return (
        1 <= len(first) <= _GROUP
        and first != "0"
        and len(groups[-1]) == _GROUP
        and all(len(group) in {_GROUP - 1, _GROUP} for group in groups[:-1])
    )


def _alike(thousands: str) -> str:
    return {" ": _SPACES, "'": _APOSTROPHES, "none": ""}.get(thousands, thousands)


def _whole(number: int) -> int:
    if number not in _INT64:
        raise ValueError("has too many digits for a number; make it text")
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("is too large for a number; make it text")
    return number

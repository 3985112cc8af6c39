"""The formats in which the times of a column are written, found by trying."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import product
from operator import itemgetter

from msgspec import Struct

from workflows.imports.values.day_order import day_order, other_order, swapped
from workflows.imports.values.times import TimeReader

__all__ = ["TimeFormats", "find_time_formats"]

_MAX_FORMATS, _MAX_SHAPES = 4, 12
_MIN_SHARE = 0.95
"""Of the cells that must be times: a few may be damaged."""
_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%a %b %d %Y"),
)
_CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_JOINTS = (" ", ", ", "T", " at ", " - ")
_ZONES = ("", " %Z", " %z", "%z")
_RESTS = ("", *(f"{joint}{clock}{zone}" for joint, clock, zone in product(_JOINTS, _CLOCKS, _ZONES)))
_DIRECTIVES = {
    **dict.fromkeys("dmHIMSy", "[0-9]{1,2}"),
    "Y": "[0-9]{4}",
    "f": "[0-9]{1,6}",
    "b": "[a-z]{3}",
    "B": "[a-z]{3,9}",
    "a": "[a-z]{3}",
    "p": "[ap]m",
    "Z": "[a-z_]+(/[a-z_]+)*",
    "z": "(z|[+-][0-9:]{4,6})",
}
_WORDS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|nov(ember)?|dec(ember)?"
    "|mon(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|fri(day)?|sat(urday)?|sun(day)?|am|pm|at|t|z|utc|gmt|[a-z]{1,2}[sd]t"
    "|ces?t|mesz|mez|[a-z]+/[a-z_]+"
)
_LIKE_A_TIME = re.compile(
    rf"(?=.{{6,40}}$)(?=(.*[0-9]){{4}})(?=.*[-/., :])(?:[0-9]{{1,9}}|[-/.,: +]+|(?:{_WORDS})(?![a-z]))+|[0-9]{{8}}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
_NUMERIC = {
    "epochMs": (1e12, 4.2e12),
    "epoch": (6e8, 4.2e9),
    "excel": (20_000, 80_000),
}
"""Numbers that a column of times may hold: from the years 1989 to 2100, and as spreadsheets count days from 1954 on."""


class TimeFormats(Struct, frozen=True):
    """Formats to be tried in this order; none for ISO 8601 alone. `is_open` if day and month could change places."""

    formats: tuple[str, ...] = ()
    is_open: bool = False
    without_zone: bool = True


def find_time_formats(cells: Sequence[str], *, numeric: bool, now: datetime) -> TimeFormats | None:
    """How the cells are written, None if they are no times. Bare numbers are taken for times only if `numeric`.

    Where the cells leave open whether day or month comes first, an order with times after `now` is the wrong one.
    """
    if numeric and (name := _numeric_format(cells)):
        return TimeFormats((name,), without_zone=name == "excel")
    rest = [cell for cell in cells if _LIKE_A_TIME.fullmatch(cell)]
    if len(rest) < len(cells) * _MIN_SHARE:
        return None
    found: list[str] = []
    while rest and len(found) < _MAX_FORMATS:
        best = _best_format(rest)
        if best is None:
            break
        found.append(best)
        rest = [cell for cell in rest if not _reads(best, cell)]
    if not found or len(rest) > len(cells) * (1 - _MIN_SHARE):
        return None
    return _in_order(found, cells, now)


def _numeric_format(cells: Sequence[str]) -> str | None:
    if not all(_NUMBER.fullmatch(cell) for cell in cells):
        return None
    numbers = [float(cell.replace(",", ".")) for cell in cells]
    return next(
        (name for name, (low, high) in _NUMERIC.items() if all(low <= number <= high for number in numbers)),
        None,
    )


def _best_format(cells: Sequence[str]) -> str | None:
    """The format that reads most of the cells."""
    read = sum(_reads("iso", cell) for cell in cells)
    if read == len(cells):
        return "iso"
    shapes = list({_shape(cell): cell for cell in cells}.values())[:_MAX_SHAPES]
    patterns = dict.fromkeys(
        pattern for cell in shapes for pattern in _candidates(cell) if _reads(pattern, cell)
    )
    scored = [
        ("iso", read),
        *((pattern, sum(_reads(pattern, cell) for cell in cells)) for pattern in patterns),
    ]
    best, count = max(scored, key=itemgetter(1))
    return best if count else None


def _candidates(cell: str) -> Iterator[str]:
    """The patterns that a cell of this shape may be written in."""
    for date, date_shape in _shapes(_DATES):
        if begun := date_shape.match(cell):
            rest = cell[begun.end() :]
            yield from (date + pattern for pattern, shape in _shapes(_RESTS) if shape.fullmatch(rest))


@cache
def _shapes(patterns: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    return [(pattern, re.compile(_shape_of(pattern), re.IGNORECASE)) for pattern in patterns]


def _shape_of(pattern: str) -> str:
    """A rough regular expression of what a strptime pattern reads."""
    return re.sub("%([A-Za-z])", lambda code: _DIRECTIVES[code[1]], re.escape(pattern).replace("\\%", "%"))


def _in_order(found: list[str], cells: Iterable[str], now: datetime) -> TimeFormats:
    cells = list(cells)
    is_open = False
    for index, pattern in enumerate(found):
        if not other_order(pattern, cells):
            continue
        future = [_has_future(one, cells, now) for one in (pattern, swapped(pattern))]
        if future[0] and not future[1]:
            found[index] = swapped(pattern)
        elif future[0] == future[1]:
            is_open = True
            found[index] = _likelier(pattern)
    if is_open and any(day_order(one) == "month first" and not other_order(one, cells) for one in found):
        found = [swapped(one) if day_order(one) == "day first" else one for one in found]
    formats = () if found == ["iso"] else tuple(found)
    return TimeFormats(formats, is_open, without_zone=_lack_zone(found, cells))


def _likelier(pattern: str) -> str:
    """Twelve hours with AM and PM are written where the month comes first, anything else where the day does."""
    wanted = "month first" if "%p" in pattern else "day first"
    return pattern if day_order(pattern) == wanted else swapped(pattern)


def _has_future(pattern: str, cells: Iterable[str], now: datetime) -> bool:
    reader = TimeReader((pattern,), UTC)
    return any(_reads(pattern, cell) and reader.read(cell) > now for cell in cells)


def _lack_zone(found: list[str], cells: Iterable[str]) -> bool:
    if any("%z" in one.lower() for one in found):
        return False
    if "iso" not in found:
        return True
    return not any(re.search(r"[0-9](Z|z|[+-][0-9]{2}:?[0-9]{2})$|[A-Z]{3}$", cell) for cell in cells)


def _reads(pattern: str, cell: str) -> bool:
    try:
        TimeReader((pattern,), UTC).read(cell)
    except (ValueError, OverflowError):
        return False
    return True


def _shape(cell: str) -> str:
    return re.sub("[A-Za-z]+", "a", re.sub("[0-9]+", "9", cell))

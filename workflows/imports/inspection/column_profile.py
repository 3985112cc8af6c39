"""The profile of a column: how full it is, what it holds, and as what a mapping should read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from domain.privacy.personal_spans import personal_spans
from workflows.imports.inspection.time_formats import TimeFormats, find_time_formats
from workflows.imports.personal_columns import looks_personal
from workflows.imports.values.numbers import decimal_mark_of, decimal_marks, read_number
from workflows.imports.values.words import NO, YES, folded

__all__ = ["ColumnProfile", "Kind", "header_words", "profile_columns"]

Kind = Literal[
    "empty", "id", "e-mail", "phone", "link", "yes or no", "time", "number", "list", "choice", "text"
]

_NOTHING = frozenset(
    {"n/a", "na", "null", "none", "-", "--", "nan", "#n/a", "select", "(not set)", "(none)", "unknown"}
)
_MIN_SHARE = 0.95
_MAX_JUDGED = 500
"""Different cells that are looked at to find out what a column holds."""
_MAX_CHOICES = 60
_MAX_CHOICE_LENGTH = 60
_SAMPLES = 3
_PHONE = re.compile(r"(p:)?[+(]?[0-9][0-9 ()./-]{5,20}[0-9]")
_BY_PATTERN: dict[Kind, re.Pattern[str]] = {
    "e-mail": re.compile(r"[^@\s,;<>]++@[^@\s,;<>.]++(?:\.[^@\s,;<>.]++)+"),
    "link": re.compile(r"(https?://|www\.)\S+", re.IGNORECASE),
}
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9:_.{}#-]{1,64}")
_TIME_WORDS = frozenset(
    {"date", "time", "timestamp", "at", "on", "created", "modified", "updated", "submitted", "day"}
)
_PHONE_WORDS = frozenset(
    {"phone", "mobile", "telephone", "tel", "fax", "cell", "telefon", "handy", "whatsapp"}
)
_COUNT_WORDS = frozenset({"deals", "count", "number", "total", "visits", "points", "score", "activities"})
_ID_WORDS = frozenset(
    {"id", "ids", "uuid", "guid", "key", "number", "no", "nr", "code", "zip", "postcode", "postal", "#"}
)


class ColumnProfile(Struct, frozen=True):
    """The profile of a column by the first rows of a file."""

    name: str
    rows: int
    filled: int
    distinct: int
    samples: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...] = ()
    """The different cells, those met most often first, if they are few."""
    nothing: tuple[str, ...] = ()
    """Cells that mean an empty one."""
    times: TimeFormats = TimeFormats()
    decimal: str | None = None
    separator: str = ";"
    notes: tuple[str, ...] = ()
    is_personal: bool = False

    @property
    def fill_rate(self) -> float:
        """Share of the rows with a cell that says something."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def is_unique(self) -> bool:
        """Whether every row has a cell of its own here."""
        return 0 < self.rows == self.filled == self.distinct


def header_words(name: str) -> list[str]:
    """The words of a column's name, in lower case: `createdAt`, `Created_At` and `Created At` are the same two."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+|#", spaced.lower())


def profile_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], now: datetime
) -> list[ColumnProfile]:
    """The profiles of all columns; times after `now` speak against an order of day and month."""
    return [_profile(name, [row[index].strip() for row in rows], now) for index, name in enumerate(header)]


def _profile(name: str, cells: list[str], now: datetime) -> ColumnProfile:
    counts = Counter(filter(None, cells))
    nothing = tuple(cell for cell in counts if folded(cell) in _NOTHING)
    for cell in nothing:
        del counts[cell]
    words = header_words(name)
    judged = list(counts)[:_MAX_JUDGED]
    kind, times, separator = _kind(words, judged, counts, now)
    decimal = decimal_mark_of(judged) if kind == "number" else None
    is_personal = looks_personal(name) or kind in {"e-mail", "phone"}
    return ColumnProfile(
        name=name,
        rows=len(cells),
        filled=counts.total(),
        distinct=len(counts),
        samples=tuple(judged[:_SAMPLES]),
        kind=kind,
        choices=tuple(cell for cell, _ in counts.most_common()) if len(counts) <= _MAX_CHOICES else (),
        nothing=nothing,
        times=times,
        decimal=decimal,
        separator=separator,
        notes=tuple(_notes(kind, judged, times, decimal, is_personal=is_personal)),
        is_personal=is_personal,
    )


def _kind(
    words: list[str], cells: list[str], counts: Counter[str], now: datetime
) -> tuple[Kind, TimeFormats, str]:
    rest = TimeFormats(), ";"
    if not cells:
        return "empty", *rest
    for kind, pattern in _BY_PATTERN.items():
        if _nearly_all(cells, pattern.fullmatch):
            return kind, *rest
    if not _COUNT_WORDS & set(words) and len(cells) <= 3 and all(folded(cell) in YES | NO for cell in cells):  # noqa: PLR2004
        return "yes or no", *rest
    if _nearly_all(cells, _PHONE.fullmatch) and (
        _PHONE_WORDS & set(words) or _nearly_all(cells, _is_dialled)
    ):
        return "phone", *rest
    is_time_named = bool(_TIME_WORDS & set(words))
    if times := find_time_formats(cells, numeric=is_time_named, now=now):
        return "time", times, ";"
    return _plain_kind(words, cells, counts), *_list_mark(cells)


def _plain_kind(words: list[str], cells: list[str], counts: Counter[str]) -> Kind:
    is_id_named = bool(words) and (words[-1] in _ID_WORDS or words[0] in {"id", "#"})
    if is_id_named and _nearly_all(cells, _ID.fullmatch):
        return "id"
    if any(re.match("0[0-9]", cell) for cell in cells) and _nearly_all(cells, _ID.fullmatch):
        return "id"
    if _nearly_all(cells, _is_number):
        return "number"
    if _nearly_all(cells, _ID.fullmatch) and len(counts) == counts.total() > 1:
        return "id"
    if _list_mark(cells)[1] and _is_list(cells):
        return "list"
    few = len(counts) <= _MAX_CHOICES and max(map(len, cells)) <= _MAX_CHOICE_LENGTH
    return "choice" if few and (len(counts) <= counts.total() / 2 or len(counts) == 1) else "text"


def _list_mark(cells: Iterable[str]) -> tuple[TimeFormats, str]:
    marked = Counter(mark for cell in cells for mark in ";|" if mark in cell)
    return TimeFormats(), marked.most_common(1)[0][0] if marked else ";"


def _is_list(cells: list[str]) -> bool:
    mark = _list_mark(cells)[1]
    lists = [cell for cell in cells if mark in cell]
    items = [item for cell in lists for item in cell.split(mark)]
    return len(lists) >= len(cells) * 0.2 and max(map(len, items), default=0) <= _MAX_CHOICE_LENGTH


def _nearly_all(cells: Sequence[str], is_so: Callable[[str], object]) -> bool:
    return sum(bool(is_so(cell)) for cell in cells) >= len(cells) * _MIN_SHARE


def _is_dialled(cell: str) -> bool:
    digits = sum(letter.isdigit() for letter in cell)
    return cell.startswith(("+", "p:+", "00", "(")) and digits >= 7  # noqa: PLR2004 - the shortest numbers


def _is_number(cell: str) -> bool:
    try:
        read_number(cell)
    except ValueError as error:
        return "may be" in str(error)
    return True


def _notes(
    kind: Kind, cells: list[str], times: TimeFormats, decimal: str | None, *, is_personal: bool
) -> Iterable[str]:
    if not is_personal and (personal := sum(bool(personal_spans(cell)) for cell in cells)):
        yield f"{personal} of {len(cells)} different cells hold an e-mail address, a telephone number or an IBAN: these parts are sealed"
    if times.is_open:
        yield f"day or month first? The cells do not say; taken as {times.formats[0]}"
    if len(times.formats) > 1:
        yield f"written in {len(times.formats)} formats"
    if kind == "number" and decimal is None:
        if {",", "."} <= {mark for cell in cells if len(marks := decimal_marks(cell)) == 1 for mark in marks}:
            yield "decimal marks are written in two ways"
        if unclear := [cell for cell in cells if not _reads_as_number(cell)]:
            yield f"'{unclear[0]}' may be thousands or a decimal: write decimal: '.' or decimal: ','"


def _reads_as_number(cell: str) -> bool:
    try:
        read_number(cell)
    except ValueError:
        return False
    return True

"""How a text writes its rows: delimiter, quote and escape, as said or as detected from the first lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

__all__ = [
    "DELIMITERS",
    "Dialect",
    "blank",
    "detect_dialect",
    "find_header",
    "separator_line",
    "split_roughly",
]

DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
MIN_WRAPPED = 3
"""Cells in apostrophes, from which on these are believed to be quotes."""
MIN_SHARE = 0.3
"""Of rows with more than one cell, from which on the delimiter is believed to be one."""
MAX_TITLE_LINES = 50
"""Lines above the header that detection looks past."""


class Dialect(Struct, frozen=True):
    """Without a `quote`, every quote is text. With `escape`, a backslash makes the quote after it text."""

    delimiter: str = ","
    quote: str = '"'
    escape: bool = False


def blank(line: str) -> bool:
    """Whether nothing stands on the line."""
    return not line.strip(" \r\n")


def separator_line(line: str) -> str | None:
    """The delimiter that a first line such as `sep=;` names, as spreadsheets write it."""
    text = line.strip("\r\n\ufeff ").strip('"')
    return text[4] if len(text) == 5 and text.lower().startswith("sep=") else None  # noqa: PLR2004


def split_roughly(line: str, dialect: Dialect) -> list[str]:
    """The cells of a line, good enough to count and compare them; the reader proper is strict."""
    text, delimiter, quote = line.rstrip("\r\n"), dialect.delimiter, dialect.quote
    if not quote or quote not in text:
        return text.split(delimiter)
    cells: list[str] = []
    pending: list[str] = []
    for piece in text.split(delimiter):
        pending.append(piece)
        whole = delimiter.join(pending)
        if whole.count(quote) % 2 == 0:
            cells.append(_unquoted(whole, quote))
            pending = []
    return cells + pending


def _unquoted(cell: str, quote: str) -> str:
    text = cell.strip()
    if len(text) > 1 and text[0] == text[-1] == quote:
        return text[1:-1].replace(quote * 2, quote)
    return cell


def detect_dialect(
    lines: Sequence[str],
    expected: AbstractSet[str],
    *,
    delimiter: str | None = None,
    quote: str | None = None,
) -> Dialect:
    """The dialect in which the lines are a table, at best one with all `expected` columns. Given marks stay."""
    delimiters = DELIMITERS if delimiter is None else (delimiter,)
    quotes = QUOTES if quote is None else (quote,)
    candidates = [Dialect(mark, sign) for sign in quotes for mark in delimiters]
    best = max(candidates, key=lambda one: _fitness(lines, one, expected))
    return Dialect(best.delimiter, best.quote, _escapes(lines, best))


def _fitness(lines: Sequence[str], dialect: Dialect, expected: AbstractSet[str]) -> tuple[float, ...]:
    """How much the lines look like a table in this dialect; what weighs most comes first."""
    rows = [split_roughly(line, dialect) for line in lines if not blank(line)]
    if not rows:
        return ()
    at = find_header(rows, expected)
    header = rows[at]
    width = len(header)
    alike = sum(len(row) == width for row in rows[at:]) / len(rows[at:])
    named = bool(expected) and expected <= {cell.strip() for cell in header}
    return (
        named,
        width > 1,
        _use_of(dialect, lines),
        round(alike, 1),
        _is_header(header),
        -at,
        width,
    )


def _use_of(dialect: Dialect, lines: Sequence[str]) -> float:
    """Apostrophes are quotes only where cells are wrapped in them and there is no double quote."""
    if dialect.quote != "'":
        return 0.5
    text = "".join(lines)
    mark = re.escape(dialect.delimiter)
    wrapped = re.findall(rf"(?:^|{mark})\s*'[^'\n]+'\s*(?={mark}|$)", text, re.MULTILINE)
    return '"' not in text and len(wrapped) >= MIN_WRAPPED


def find_header(rows: Sequence[Sequence[str]], expected: AbstractSet[str]) -> int:
    """The index of the row that names the columns: the one with all `expected` names, else the first like a header."""
    top = rows[:MAX_TITLE_LINES]
    for index, row in enumerate(top):
        if expected and expected <= {cell.strip() for cell in row}:
            return index
    width = _usual_width(rows)
    if width == 1:
        return 0
    for index, row in enumerate(top):
        if len(row) > 1 and abs(len(row) - width) <= 1 and _is_header(row):
            return index
    return next((index for index, row in enumerate(top) if len(row) == width), 0)


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Cells in most rows. Lines of one cell, above the header or below the rows, do not count unless nearly all are."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if sum(widths.values()) < len(rows) * MIN_SHARE:
        return 1
    return widths.most_common(1)[0][0]


def _is_header(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in row if cell.strip()]
    return bool(names) and not any(name.replace(".", "").replace(",", "").isdigit() for name in names)


def _escapes(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether quotes are escaped by backslashes: there are such ones, and none is doubled within a cell."""
    if not dialect.quote:
        return False
    text = "".join(lines)
    escaped = text.count(f"\\{dialect.quote}")
    closing = sum(text.count(f"\\{dialect.quote}{end}") for end in (dialect.delimiter, "\n", "\r"))
    inner = text.replace(f"{dialect.delimiter}{dialect.quote * 2}{dialect.delimiter}", "")
    return escaped > closing and dialect.quote * 2 not in inner

"""Second readings of one line that is no strict CSV: quotes within cells as they were meant, or the line as it stands."""

from __future__ import annotations

import re

from workflows.imports.tables.dialect import Dialect

__all__ = ["cells_as_written", "repaired_cells"]


def repaired_cells(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """The cells of a line whose quotes within cells are escaped by backslashes or bare, if there are `width` of them.

    None if it could mean several things: then it is for a person to say.
    """
    text = line.rstrip("\r\n")
    for cells in (_with_backslashes(text, dialect), _with_bare_quotes(text, dialect)):
        if cells is not None and len(cells) == width:
            return cells
    return None


def cells_as_written(line: str, dialect: Dialect) -> list[str]:
    """The line cut at its delimiters from the first broken cell on, with its quotes, so that a person can mend it."""
    text, at = line.rstrip("\r\n"), 0
    quote, mark = re.escape(dialect.quote), re.escape(dialect.delimiter)
    whole = re.compile(
        rf"{quote}((?:[^{quote}]|{quote}{quote})*){quote}(?={mark}|$)|([^{quote}{mark}][^{mark}]*|)(?={mark}|$)"
    )
    cells: list[str] = []
    while found := whole.match(text, at):
        quoted, bare = found.groups()
        cells.append(bare if quoted is None else quoted.replace(dialect.quote * 2, dialect.quote))
        if found.end() == len(text):
            return cells
        at = found.end() + 1
    return cells + text[at:].split(dialect.delimiter)


def _with_backslashes(text: str, dialect: Dialect) -> list[str] | None:
    quote, mark = re.escape(dialect.quote), re.escape(dialect.delimiter)
    cell = re.compile(
        rf" *{quote}((?:[^\\{quote}]|\\.)*){quote} *(?={mark}|$)|([^{quote}{mark}]*)(?={mark}|$)"
    )
    cells: list[str] = []
    at = 0
    while found := cell.match(text, at):
        quoted, bare = found.groups()
        cells.append(bare if quoted is None else quoted.replace(f"\\{dialect.quote}", dialect.quote))
        if found.end() == len(text):
            return cells
        at = found.end() + 1
    return None


def _with_bare_quotes(text: str, dialect: Dialect) -> list[str] | None:
    cells: list[str] = []
    at = 0
    while True:
        start = at + len(text[at:]) - len(text[at:].lstrip(" "))
        if text.startswith(dialect.quote, start):
            end = _closing_quote(text, start + 1, dialect)
            if end is None:
                return None
            cells.append(text[start + 1 : end].replace(dialect.quote * 2, dialect.quote))
            at = end + 1
            at += len(text[at:]) - len(text[at:].lstrip(" "))
        else:
            end = text.find(dialect.delimiter, at)
            cell = text[at:] if end < 0 else text[at:end]
            if dialect.quote in cell:
                return None
            cells.append(cell)
            at += len(cell)
        if at >= len(text):
            return cells
        at += 1


def _closing_quote(text: str, start: int, dialect: Dialect) -> int | None:
    """The first quote that a delimiter or the end follows. None if one before it may open another cell."""
    at = text.find(dialect.quote, start)
    while at >= 0:
        after = text[at + 1 :].lstrip(" ")
        if not after or after.startswith(dialect.delimiter):
            return at
        if text[at - 1] == dialect.delimiter:
            return None
        pair = text.startswith(dialect.quote * 2, at)
        rest = text[at + 2 :].lstrip(" ") if pair else ""
        ends = pair and (not rest or rest.startswith(dialect.delimiter))
        at = text.find(dialect.quote, at + (2 if pair and not ends else 1))
    return None

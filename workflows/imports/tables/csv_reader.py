"""A CSV reader (RFC 4180) that loses nothing: a row that breaks off is rejected alone, and its next line is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from workflows.imports.tables.dialect import Dialect, blank
from workflows.imports.tables.encoding import undecodable_byte
from workflows.imports.tables.lines import Lines
from workflows.imports.tables.quoted_line import cells_as_written, repaired_cells
from workflows.imports.tables.row_shapes import RowShapes

__all__ = ["MAX_CELL", "CsvReader", "Reject", "Row"]

MAX_CELL = 131_072
"""Characters in one cell. A quote that is still open after so many was never meant to be one."""


class Row(NamedTuple):
    """The cells of a row as they stand, and the line of the file on which it begins."""

    line: int
    cells: list[str]
    after_blank: bool = False


class Reject(NamedTuple):
    """A row that was refused, why, and the kind of reason that it shares with others."""

    row: Row
    reason: str
    kind: str = ""


class _BrokenRow(Exception):
    """The line is no row, or the beginning of one that does not end."""


class _SuspiciousRow(_BrokenRow):
    """The lines are a row by the letter, but several rows by what they hold."""


class CsvReader:
    """Rows of the lines, one at a time. Quoted cells may span lines; a line that cannot be read costs only itself.

    A quote opens a cell only at its beginning, and closes it only before a delimiter or the end of the line. A row of
    several lines must have as many cells as the header, and none of its lines may look like a row of its own: else
    its first line is a reject, and reading goes on with the second one.
    """

    def __init__(self, lines: Lines, dialect: Dialect, encoding: Callable[[], str] = str) -> None:
        self._lines = lines
        self._dialect = dialect
        self._delimiter, self._quote = dialect.delimiter, dialect.quote
        self._spaces = " " if dialect.delimiter == "\t" else " \t"
        self._encoding = encoding
        self._width = 0
        self._shapes: RowShapes | None = None

    def expect(self, width: int, shapes: RowShapes) -> None:
        """From here on rows have this many cells, and look like this."""
        self._width, self._shapes = width, shapes

    def __iter__(self) -> Iterator[Row | Reject]:
        after_blank = False
        while (first := self._lines.take()) is not None:
            if blank(first):
                after_blank = True
                continue
            yield self._read(self._lines.number, first, after_blank=after_blank)
            after_blank = False

    def _read(self, number: int, first: str, *, after_blank: bool) -> Row | Reject:
        taken = [first]
        try:
            cells = self._cells(taken)
        except _BrokenRow as broken:
            self._lines.put_back(taken[1:])
            taken = [first]
            may_repair = self._width and not isinstance(broken, _SuspiciousRow)
            repaired = repaired_cells(first, self._dialect, self._width) if may_repair else None
            if repaired is None:
                return Reject(Row(number, cells_as_written(first, self._dialect), after_blank), *broken.args)
            cells = repaired
        return self._checked(Row(number, cells, after_blank), taken)

    def _checked(self, row: Row, taken: list[str]) -> Row | Reject:
        if len(taken[0]) > MAX_CELL and any(len(cell) > MAX_CELL for cell in row.cells):
            return Reject(row, f"has a cell of more than {MAX_CELL:,} characters")
        for line in taken:
            if (byte := undecodable_byte(line)) is not None:
                encoding = self._encoding()
                reason = f"has a byte (0x{byte:02x}) that is not {encoding} text"
                return Reject(row, reason, f"has a byte that is not {encoding} text")
        return row

    def _cells(self, taken: list[str]) -> list[str]:
        """The cells of the row whose first line was taken, taking more lines as quoted cells go on."""
        if not self._quote or self._quote not in taken[0]:
            return taken[0].rstrip("\r\n").split(self._delimiter)
        cells = self._quoted_cells(taken)
        if len(taken) > 1:
            self._check_span(cells, taken)
        return cells

    def _check_span(self, cells: list[str], taken: list[str]) -> None:
        """Refuse what a stray quote makes of several rows."""
        if self._shapes is None:
            return
        if len(cells) < self._width or any(cells[self._width :]):
            raise _SuspiciousRow(
                f"opens a quote that closes {len(taken) - 1} lines later, with {len(cells)} cells in all;"
                f" the header has {self._width}",
                "opens a quote that closes lines later, with another number of cells than the header",
            )
        if any(map(self._shapes.is_row, taken[1:])):
            raise _SuspiciousRow("opens a quote that does not close before the next rows")

    def _quoted_cells(self, taken: list[str]) -> list[str]:
        text, at = taken[0], 0
        cells: list[str] = []
        while True:
            start = self._skip_spaces(text, at)
            if text.startswith(self._quote, start):
                cell, text, at = self._quoted(text, start + 1, taken, len(cells) + 1)
            else:
                end = text.find(self._delimiter, at)
                cell = text[at:end] if end >= 0 else text[at:].rstrip("\r\n")
                at = end if end >= 0 else len(text)
            cells.append(cell)
            if not text.startswith(self._delimiter, at):
                return cells
            at += 1

    def _skip_spaces(self, text: str, at: int) -> int:
        while at < len(text) and text[at] in self._spaces:
            at += 1
        return at

    def _quoted(self, text: str, start: int, taken: list[str], number: int) -> tuple[str, str, int]:
        """The cell whose quote opened before `start`, the text with the lines it took, and where it ended."""
        quote, at = self._quote, start
        while True:
            found = text.find(quote, at)
            if found < 0:
                text, at = self._longer(text, start, taken, number)
            elif self._dialect.escape and _is_escaped(text, found, start):
                at = found + 1
            elif not self._dialect.escape and text.startswith(quote, found + 1):
                at = found + 2
            else:
                break
        end = self._skip_spaces(text, found + 1)
        if end < len(text) and text[end] not in "\r\n" and not text.startswith(self._delimiter, end):
            raise _BrokenRow(
                f"has text after the quote that closes cell {number}", "has text after a closing quote"
            )
        return self._plain(text[start:found]), text, end

    def _longer(self, text: str, start: int, taken: list[str], number: int) -> tuple[str, int]:
        """The text with the lines up to the next quote, and where they begin."""
        length = len(text) - start
        pieces = [text]
        while self._quote not in pieces[-1] or len(pieces) == 1:
            line = self._lines.take()
            if line is None:
                raise _BrokenRow(
                    f"opens a quote in cell {number} that never closes", "opens a quote that never closes"
                )
            taken.append(line)
            pieces.append(line)
            length += len(line)
            if length > MAX_CELL:
                limit = f"does not close within {MAX_CELL:,} characters"
                raise _BrokenRow(
                    f"opens a quote in cell {number} that {limit}", f"opens a quote that {limit}"
                )
        return "".join(pieces), len(text)

    def _plain(self, cell: str) -> str:
        if self._dialect.escape:
            return re.sub(rf"\\([\\{self._quote}])", r"\1", cell)
        return cell.replace(self._quote * 2, self._quote)


def _is_escaped(text: str, at: int, start: int) -> bool:
    """Whether an odd number of backslashes stands before `at`."""
    before = text[start:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1

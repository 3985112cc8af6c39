"""An open file as a table: the header, the rows below it, and what was found out about how it is written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct

from domain.errors import Invalid
from workflows.imports.tables.csv_reader import CsvReader, Reject, Row
from workflows.imports.tables.dialect import (
    MAX_TITLE_LINES,
    Dialect,
    blank,
    detect_dialect,
    find_header,
    separator_line,
    split_roughly,
)
from workflows.imports.tables.encoding import DecodedText
from workflows.imports.tables.footer import Footer
from workflows.imports.tables.lines import Lines
from workflows.imports.tables.row_shapes import RowShapes
from workflows.imports.tables.source import Source, open_source
from workflows.imports.tables.workbook import open_sheet, sheet_rows

__all__ = ["REJECT_COLUMNS", "FileFormat", "Table", "TableFacts", "open_table"]

REJECT_COLUMNS = ("line", "reason")
"""The first columns of a file of rejects. It has neither title lines nor a footer, whatever the mapping says."""
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 2000, 256 * 1024
_SAMPLE_ROWS = 1000
_INVISIBLE = "\ufeff\u200b\u2060\u00ad"


class FileFormat(Struct, frozen=True, kw_only=True):
    """How a file is written, as far as somebody says so; the rest is detected."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    """Empty if no cell is quoted."""
    escape: bool | None = None
    skip_lines: int | None = None
    footer: int | None = None
    ragged: bool = True
    """Whether a row may lack cells at its end, which are then empty."""
    sheet: str | None = None
    member: str | None = None


class TableFacts(Struct, frozen=True, kw_only=True):
    """How the file turned out to be written."""

    packing: str = ""
    encoding: str = ""
    has_mark: bool = False
    """Whether a byte order mark begins the file."""
    dialect: Dialect = Dialect()
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    """The lines above the header."""


class Table:
    """A table of which one row at a time is in memory. `header` has the names of the columns, without spaces around."""

    def __init__(
        self,
        name: str,
        header: Row,
        *,
        rows: Iterator[Row | Reject],
        facts: Callable[[], TableFacts],
        fraction: Callable[[], float | None],
        file_format: FileFormat,
    ) -> None:
        self.name = name
        self.header = tuple(cell.strip().strip(_INVISIBLE) for cell in header.cells)
        self.short_rows = 0
        """Rows so far that lack cells at their end."""
        self.first_short_line = 0
        self._facts, self._fraction = facts, fraction
        self._ragged = file_format.ragged
        is_rejects = self.header[: len(REJECT_COLUMNS)] == REJECT_COLUMNS
        self._footer = Footer(0 if is_rejects else file_format.footer, len(self.header))
        fitted = map(self._fitted, self._footer.rows(rows))
        self.sample = list(islice(fitted, _SAMPLE_ROWS))
        """The first rows, by which columns are judged; `rows` has them too."""
        self._rest = fitted

    @property
    def facts(self) -> TableFacts:
        """The facts known by now: an encoding shows at the first letter beyond ASCII."""
        return self._facts()

    @property
    def fraction(self) -> float | None:
        """How much of the file was read, 0 to 1; None for a pipe."""
        return self._fraction()

    @property
    def footer(self) -> list[Row]:
        """The lines below the rows, known once all rows were read."""
        return self._footer.lines

    def rows(self) -> Iterator[Row | Reject]:
        """The rows below the header, once. One that cannot be read, or does not fit the header, is a reject."""
        return chain(self.sample, self._rest)

    def _fitted(self, row: Row | Reject) -> Row | Reject:
        if isinstance(row, Reject) or len(row.cells) == len(self.header):
            return row
        count, width = len(row.cells), len(self.header)
        if count > width and not any(cell.strip() for cell in row.cells[width:]):
            return row._replace(cells=row.cells[:width])
        if count > width or not self._ragged or count == 1 < width - 1:
            return Reject(row, f"has {count} cells, the header has {width}")
        self.short_rows += 1
        self.first_short_line = self.first_short_line or row.line
        return row._replace(cells=row.cells + [""] * (width - count))


@contextlib.contextmanager
def open_table(
    path: Path, file_format: FileFormat | None = None, expected: AbstractSet[str] = frozenset()
) -> Iterator[Table]:
    """Open a file, pipe (`-` is standard input), gzip or zip archive of CSV text, or a sheet of a workbook.

    The header is the first row with all `expected` columns, if there is one. Raises `Invalid` for what cannot be
    read as a table, and says what it is.
    """
    file_format = file_format or FileFormat()
    with open_source(path, file_format.member) as source:
        if source.workbook is not None:
            yield _sheet_table(source, file_format, expected)
        else:
            yield _text_table(source, file_format, expected)


def _text_table(source: Source, file_format: FileFormat, expected: AbstractSet[str]) -> Table:
    text = DecodedText(source.stream, file_format.encoding)
    lines = Lines(text.chunks())
    titles, delimiter = _skipped(lines, file_format)
    sample = lines.peek(_SAMPLE_LINES, _SAMPLE_CHARACTERS)
    dialect = _dialect(sample, delimiter, file_format, expected)
    trial = list(CsvReader(Lines(iter(sample)), dialect))
    above = _lines_above_header(trial, expected) if file_format.skip_lines is None else 0
    titles += [line for line in (lines.take() for _ in range(above)) if line is not None]
    reader = CsvReader(lines, dialect, lambda: text.encoding)
    rows = iter(reader)
    header = _header(next(rows, None), source.name)
    below = (row.cells for row in trial if isinstance(row, Row) and row.line > above + 1)
    reader.expect(len(header.cells), RowShapes(dialect, len(header.cells), below))

    def facts() -> TableFacts:
        return TableFacts(
            packing=source.packing,
            encoding=text.encoding,
            has_mark=text.has_mark,
            dialect=dialect,
            titles=tuple(line.strip() for line in titles if not blank(line)),
        )

    def fraction() -> float | None:
        return source.bytes_read / source.size if source.size else None

    return Table(source.name, header, rows=rows, facts=facts, fraction=fraction, file_format=file_format)


def _skipped(lines: Lines, file_format: FileFormat) -> tuple[list[str], str | None]:
    """The lines that are to be skipped, and the delimiter if one of them, or the first one, names it."""
    count = file_format.skip_lines or 0
    first = next(iter(lines.peek(1, 1)), "")
    if _is_rejects(first, file_format):
        return [], None
    skipped = [line for line in (lines.take() for _ in range(count)) if line is not None]
    delimiter = next(filter(None, map(separator_line, skipped)), None)
    if delimiter is None and (first := next(iter(lines.peek(1, 1)), "")):
        delimiter = separator_line(first)
        if delimiter is not None:
            lines.take()
    return skipped, delimiter


def _is_rejects(line: str, file_format: FileFormat) -> bool:
    cells = split_roughly(line, Dialect(file_format.delimiter or _delimiter_after_line(line)))
    return tuple(cells[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS


def _delimiter_after_line(line: str) -> str:
    return line[len(REJECT_COLUMNS[0]) :][:1] or ","


def _dialect(
    sample: list[str], delimiter: str | None, file_format: FileFormat, expected: AbstractSet[str]
) -> Dialect:
    found = detect_dialect(
        sample, expected, delimiter=file_format.delimiter or delimiter, quote=file_format.quote
    )
    if file_format.escape is None:
        return found
    return Dialect(found.delimiter, found.quote, file_format.escape)


def _lines_above_header(trial: list[Row | Reject], expected: AbstractSet[str]) -> int:
    rows = [row.row if isinstance(row, Reject) else row for row in trial]
    return rows[find_header([row.cells for row in rows], expected)].line - 1 if rows else 0


def _header(row: Row | Reject | None, name: str) -> Row:
    if row is None:
        raise Invalid(f"{name} is empty: its first line must name the columns.")
    if isinstance(row, Reject):
        raise Invalid(
            f"{name} is not a CSV file: line {row.row.line}, which names the columns, {row.reason}."
        )
    return row


def _sheet_table(source: Source, file_format: FileFormat, expected: AbstractSet[str]) -> Table:
    assert source.workbook is not None
    sheet, names = open_sheet(source.workbook, source.name, file_format.sheet)
    rows = sheet_rows(sheet)
    top = list(islice(rows, MAX_TITLE_LINES + _SAMPLE_ROWS))
    skip = file_format.skip_lines
    trimmed = [_without_empty_end(row.cells) for row in top]
    at = find_header(trimmed, expected) if skip is None else sum(row.line <= skip for row in top)
    header = _header(next(iter(top[at:]), None), source.name)
    header = header._replace(cells=_without_empty_end(header.cells))
    last = 0

    def counted(found: Iterable[Row]) -> Iterator[Row]:
        nonlocal last
        for row in found:
            last = row.line
            yield row

    titles = tuple(" ".join(filter(None, row.cells)) for row in top[:at])
    others = tuple(name for name in names if name != sheet.name)
    found = TableFacts(packing=source.packing, sheet=sheet.name, other_sheets=others, titles=titles)
    return Table(
        source.name,
        header,
        rows=counted(chain(top[at + 1 :], rows)),
        facts=lambda: found,
        fraction=lambda: min(1.0, last / sheet.total_height),
        file_format=file_format,
    )


def _without_empty_end(cells: list[str]) -> list[str]:
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return cells[:count]

"""A CSV file as a stream of rows with their line numbers, whatever is wrong with some of them."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from domain.errors import Invalid

__all__ = ["CsvFile", "Reject", "Row", "open_csv"]


class Row(NamedTuple):
    """The cells of a row as they stand, and the line of the file on which it begins."""

    line: int
    cells: list[str]


class Reject(NamedTuple):
    """A row that was refused, and why."""

    row: Row
    reason: str


class CsvFile:
    """An open file. Holds one row in memory at a time."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._reader = csv.reader(file)
        self.header = tuple(name.strip() for name in next(self._reader, []))

    @property
    def bytes_read(self) -> int:
        """How far into the file the reading is."""
        return self._file.buffer.tell()

    def rows(self) -> Iterator[Row | Reject]:
        """The rows after the header. One that is not like the header is a reject; blank lines are nothing."""
        while True:
            line = self._reader.line_num + 1
            try:
                row = Row(line, next(self._reader))
            except StopIteration:
                return
            except csv.Error as error:
                yield Reject(Row(line, []), str(error))
                continue
            if not row.cells:
                continue
            fault = self._fault(row.cells)
            yield Reject(row, fault) if fault else row

    def _fault(self, cells: list[str]) -> str:
        if len(cells) != len(self.header):
            return f"has {len(cells)} cells, the header has {len(self.header)}"
        if not "".join(cells).isascii() and any("\udc80" <= letter <= "\udcff" for letter in "".join(cells)):
            return "is not UTF-8 text; save the file as UTF-8"
        return ""


@contextlib.contextmanager
def open_csv(path: Path) -> Iterator[CsvFile]:
    """The file, with or without a byte order mark. Raises `Invalid` if it cannot be opened or has no header."""
    try:
        # Bytes that are not UTF-8 become surrogates, so that they cost their row and not the whole file.
        file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        try:
            opened = CsvFile(file)
        except csv.Error as error:
            raise Invalid(f"{path} is not a CSV file: {error}.") from error
        if not opened.header:
            raise Invalid(f"{path} is empty: its first line must name the columns.")
        yield opened

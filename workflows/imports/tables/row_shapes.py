"""The shapes of cells per column, by which a line inside a quoted cell is known to be a row of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from workflows.imports.tables.dialect import Dialect, split_roughly

__all__ = ["RowShapes"]

_MAX_SHAPES = 16
"""Per column; one with more is free text, of which nothing can be expected."""
_MIN_WIDTH = 5
"""Cells. As many in a line are believed to be a row where no column has a shape to go by."""
_MIN_TELLING = 0.7
"""Share of the cells of a column that have digits or an @; the others may be damaged."""
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


class RowShapes:
    """Shapes of the cells of each column: runs of digits and of letters, as `a9` for `k17` or `9-9-9` for a date."""

    def __init__(self, dialect: Dialect, width: int, rows: Iterable[Sequence[str]]) -> None:
        """Of `rows` that were read without suspicion, those that have as many cells as the header."""
        self._dialect = dialect
        self._width = width
        columns: list[Counter[str]] = [Counter() for _ in range(width)]
        for cells in rows:
            if len(cells) == width:
                for column, cell in zip(columns, cells, strict=True):
                    column.update(filter(None, [_shape(cell)]))
        self._columns = [set(column) if _is_telling(column) else set() for column in columns]

    def is_row(self, line: str) -> bool:
        """Whether the line is a row, or the first line of one that goes on, by the shapes of its cells.

        Where no column has shapes to go by, as many cells as the header has must be enough.
        """
        quote = self._dialect.quote
        cells = line.rstrip("\r\n").split(self._dialect.delimiter)
        if line.count(quote) % 2 == 0:
            cells = split_roughly(line, self._dialect)
        else:
            cells = list(takewhile(lambda cell: quote not in cell, cells))
        if not 1 <= len(cells) <= self._width:
            return False
        known = [
            shape in shapes
            for shape, shapes in zip(map(_shape, cells), self._columns, strict=False)
            if shape and shapes
        ]
        if not known:
            return len(cells) == self._width >= _MIN_WIDTH
        if len(cells) < self._width and sum(known) < min(2, sum(map(bool, self._columns))):
            return False
        # Some shapes are of damaged rows, or of numbers by chance: not all need to fit.
        return sum(known) >= len(known) / 2


def _is_telling(column: Counter[str]) -> bool:
    """Whether it has ids, dates, numbers or addresses: words alone are in many lines of a text."""
    telling = sum(count for shape, count in column.items() if "9" in shape or "@" in shape)
    return len(column) <= _MAX_SHAPES and telling >= column.total() * _MIN_TELLING


def _shape(cell: str) -> str:
    return _LETTERS.sub("a", _DIGITS.sub("9", cell.strip().strip("\"'")))

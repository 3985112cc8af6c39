"""The cells of a row that a mapping names, as it wants them: stripped, without prefixes, and without those that say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.imports.mapping.mapping import Mapping
from workflows.imports.rows.readers import ColumnSample
from workflows.imports.tables.csv_reader import Row
from workflows.imports.tables.table import Table
from workflows.imports.values.words import folded, without_formula

__all__ = ["CellPicker"]


class CellPicker:
    """Picks the cells of rows under one header."""

    def __init__(self, mapping: Mapping, header: Sequence[str]) -> None:
        self._wanted = [(index, name) for index, name in enumerate(header) if name in mapping.columns]
        self._empty = mapping.empty
        self._prefixes = {name: rule.cut_prefix for name, rule in mapping.column_rules.items()}

    def pick(self, row: Sequence[str]) -> dict[str, str]:
        """The cells by column."""
        cells = {}
        for index, name in self._wanted:
            cell = row[index]
            if type(cell) is str:
                cell = cell.strip()
                if cell[:1] == "=":
                    cell = without_formula(cell)
            if self._prefixes and name in self._prefixes:
                cell = _without_prefix(cell, self._prefixes[name])
            if cell and not (self._empty and folded(cell) in self._empty):
                cells[name] = cell
        return cells

    def sample(self, table: Table) -> ColumnSample:
        """Cells by column, of the rows that the table has read ahead."""
        columns: dict[str, set[str]] = {}
        for row in table.sample:
            if isinstance(row, Row):
                for name, cell in self.pick(row.cells).items():
                    columns.setdefault(name, set()).add(cell)
        return columns


def _without_prefix(cell: str, prefixes: Iterable[str]) -> str:
    for prefix in prefixes:
        if cell.casefold().startswith(prefix.casefold()):
            return cell[len(prefix) :].strip()
    return cell

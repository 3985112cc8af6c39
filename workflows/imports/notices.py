"""Notices of an import: readings that the file leaves open, which a person should confirm in the mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.imports.mapping.mapping import Mapping
from workflows.imports.tables.csv_reader import Row
from workflows.imports.tables.table import Table
from workflows.imports.values.day_order import day_order, other_order

__all__ = ["closing_notices", "opening_notices"]


def opening_notices(mapping: Mapping, table: Table) -> list[str]:
    """Readings that the first rows leave open: whether the day or the month comes first."""
    return list(_open_orders(mapping, table))


def _open_orders(mapping: Mapping, table: Table) -> Iterator[str]:
    for column, formats in sorted(set(_formats(mapping))):
        cells = list(_cells(table, column))
        if any(order := other_order(pattern, cells) for pattern in formats):
            read = next(day_order(pattern) for pattern in formats if other_order(pattern, cells))
            yield (
                f"Column '{column}' was read {read}; the first rows could be read {order} as well. If that is meant,"
                " change its format."
            )


def _formats(mapping: Mapping) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The columns of times with their formats."""
    for event in mapping.events:
        if event.occurred_at.column and event.occurred_at.format:
            yield event.occurred_at.column, event.occurred_at.format
        for wanted in event.properties.values():
            if wanted.column and wanted.format:
                yield wanted.column, wanted.format


def _cells(table: Table, column: str) -> Iterable[str]:
    index = table.header.index(column)
    return (row.cells[index].strip() for row in table.sample if isinstance(row, Row))


def closing_notices(table: Table) -> list[str]:
    """Rows that were read with a doubt."""
    if not table.short_rows:
        return []
    rows = "1 row has" if table.short_rows == 1 else f"{table.short_rows:,} rows have"
    first = f"the first one on line {table.first_short_line}"
    return [f"{rows} fewer cells than the header, {first}; what is missing at the end was taken as empty."]

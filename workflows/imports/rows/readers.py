"""Readers of single cells, compiled from the sections of a mapping and what the other cells of the column show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from domain.events.event import Json
from workflows.imports.mapping.cells import CellError, Cells
from workflows.imports.mapping.moment import Moment, Offset
from workflows.imports.mapping.properties import NumberMarks, Property
from workflows.imports.values.numbers import NumberStyle, decimal_mark_of, read_number
from workflows.imports.values.times import TimeReader
from workflows.imports.values.words import read_boolean, split_list
from workflows.imports.values.zones import named_zone

__all__ = ["ColumnSample", "count_reader", "moment_reader", "number_style", "property_reader"]

ColumnSample = Mapping[str, Iterable[str]]
"""Some cells of each column, by which an open question about all of them is decided."""


def number_style(marks: NumberMarks, default: NumberMarks, cells: Iterable[str]) -> NumberStyle:
    """The marks that the property says, else the mapping, else those that the cells show."""
    said = marks if marks.decimal or marks.thousands else default
    if said.decimal or said.thousands:
        return NumberStyle(said.decimal, said.thousands)
    return NumberStyle(decimal_mark_of(cells), is_certain=False)


def property_reader(wanted: Property, default: NumberMarks, sample: ColumnSample) -> Callable[[str], Json]:
    """Reads a cell as the property's value. The reader raises `ValueError` for one that is not of its type."""
    match wanted.type:
        case "text":
            return str.lower if wanted.lowercase else str
        case "number":
            style = number_style(wanted, default, sample.get(wanted.column or "", ()))
            return lambda cell: read_number(cell, style)
        case "boolean":
            return lambda cell: read_boolean(cell, wanted.yes, wanted.no)
        case "list":
            return lambda cell: [*split_list(cell.lower() if wanted.lowercase else cell, wanted.separator)]
        case "time":
            return _time_reader(TimeReader(wanted.format or (), named_zone(wanted.timezone)))
        case _:
            assert_never(wanted.type)


def _time_reader(times: TimeReader) -> Callable[[str], str]:
    def read(cell: str) -> str:
        try:
            return times.read(cell).isoformat().replace("+00:00", "Z")
        except OverflowError:
            raise ValueError("is out of the calendar") from None

    return read


def moment_reader(moment: Moment, default: NumberMarks, sample: ColumnSample) -> Callable[[Cells], datetime]:
    """Reads when a row's event occurred, in UTC. The reader raises `CellError`, and `OverflowError` out of the calendar."""
    times = TimeReader(moment.format or (), named_zone(moment.timezone))
    offsets = [
        (sign, offset, number_style(NumberMarks(), default, sample.get(offset.column, ())))
        for sign, offset in ((1, moment.plus), (-1, moment.minus))
        if offset
    ]

    def read(cells: Cells) -> datetime:
        at = moment.base or _time_in(moment.column or "", times, cells)
        for sign, offset, style in offsets:
            at += sign * _length(offset, style, cells)
        return at

    return read


def _time_in(column: str, times: TimeReader, cells: Cells) -> datetime:
    cell = cells.get(column)
    if cell is None:
        raise CellError(column, "is empty, and occurredAt needs it")
    try:
        return times.read(cell)
    except ValueError as error:
        raise CellError(column, str(error), cell) from error


def _length(offset: Offset, style: NumberStyle, cells: Cells) -> timedelta:
    return timedelta(**{offset.unit: _number_in(offset.column, style, cells)})


def _number_in(column: str, style: NumberStyle, cells: Cells) -> int | float:
    """The number in the column; an empty cell is 0."""
    cell = cells.get(column, "0")
    try:
        return read_number(cell, style)
    except ValueError as error:
        raise CellError(column, str(error), cell) from error


def count_reader(column: str, default: NumberMarks, sample: ColumnSample) -> Callable[[Cells], int]:
    """Reads how often something happened. The reader raises `CellError` for a cell that is no count."""
    style = number_style(NumberMarks(), default, sample.get(column, ()))

    def read(cells: Cells) -> int:
        count = _number_in(column, style, cells)
        if count < 0 or count != int(count):
            raise CellError(column, "is not a count", cells[column])
        return int(count)

    return read

"""The rows of a sheet of an Excel workbook (.xlsx), with cells as text: whole numbers without a point, dates in ISO 8601."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from domain.errors import Invalid
from workflows.imports.tables.csv_reader import Row

__all__ = ["DateCell", "open_sheet", "sheet_rows"]

MAX_UNPACKED_BYTES = 1024**3
"""A sheet is held in memory; what would not fit is better exported as CSV."""

_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


class DateCell(str):
    """The text of a cell that the workbook itself says is a date: always ISO 8601, whatever format the rest has."""

    __slots__ = ()


def open_sheet(file: BinaryIO, name: str, wanted: str | None) -> tuple[CalamineSheet, list[str]]:
    """The sheet that is `wanted`, else the first one with cells, and the names of all sheets.

    Raises `Invalid` for one that is not there, encrypted, damaged or too large for memory.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise Invalid(f"{name} is larger than {MAX_UNPACKED_BYTES >> 20} MiB unpacked: export it as CSV.")
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        names = list(workbook.sheet_names)
        if wanted is not None and wanted not in names:
            raise Invalid(f"{name} has no sheet '{wanted}'; it has {', '.join(names)}.")
        sheets = (workbook.get_sheet_by_name(one) for one in ([wanted] if wanted else names))
        found = next((sheet for sheet in sheets if sheet.total_height), None)
    except PasswordError as error:
        raise Invalid(f"{name} is protected by a password; save it without one.") from error
    except (CalamineError, zipfile.BadZipFile) as error:
        raise Invalid(f"{name} is a damaged workbook: {error}.") from error
    if found is None:
        raise Invalid(f"{name} is empty: its first row must name the columns.")
    return found, names


def sheet_rows(sheet: CalamineSheet) -> Iterator[Row]:
    """The rows with anything in them, numbered as the spreadsheet numbers them."""
    after_blank = False
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
        cells = [_text(value) for value in values]
        if any(cells):
            yield Row(number, cells, after_blank)
        after_blank = not any(cells)


def _text(value: _Value) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - all digits of these are exact
            return str(int(value))
        case dt.datetime() | dt.date():
            return DateCell(value.isoformat())
        case dt.time():
            return value.isoformat()
        case _:
            return str(value)

"""Looks at a file that has no mapping yet: how it is written, what its columns hold, and a mapping that works."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct

from domain.errors import Invalid
from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from workflows.imports.batches import batches
from workflows.imports.inspection.column_profile import ColumnProfile, profile_columns
from workflows.imports.inspection.draft import Draft
from workflows.imports.inspection.known_exports.known_draft import draft_of
from workflows.imports.inspection.known_exports.known_export import recognise
from workflows.imports.inspection.mapping_text import mapping_text
from workflows.imports.inspection.suggestion import properties_for, suggest_draft
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.report import ImportReport, ReportBuilder
from workflows.imports.rows.cell_picker import CellPicker
from workflows.imports.rows.row_reader import RowReader
from workflows.imports.tables.csv_reader import Reject, Row
from workflows.imports.tables.description import describe_file
from workflows.imports.tables.table import FileFormat, Table, open_table

__all__ = ["Inspection", "inspect_file"]

MAX_ROWS = 20_000
"""Rows that are looked at, from the first on."""
FIRST_ROWS = 5
"""Rows that the inspection shows as they are."""


class Inspection(Struct, frozen=True):
    """Findings about a file. `trial` is the report that an import of the inspected rows by the mapping would make."""

    rows: int
    is_whole: bool
    """Whether these are all rows of the file."""
    file: tuple[str, ...]
    columns: tuple[ColumnProfile, ...]
    recognised: str
    """The title of the export, empty for a file that nobody knows."""
    notes: tuple[str, ...]
    mapping: str
    trial: ImportReport
    properties: dict[str, str]
    """Names of properties by column; a personal column for which no sealed name is free has none."""
    first_rows: tuple[tuple[str, ...], ...]
    """The cells of the first rows, in the order of `columns`."""


def inspect_file(
    file: Path,
    file_format: FileFormat | None = None,
    *,
    sealed: PersonalFields = USUAL_FIELDS,
    now: datetime | None = None,
    name: str = "",
    max_rows: int = MAX_ROWS,
) -> Inspection:
    """Inspect the first `max_rows` of a file, which is called `name`. Raises `Invalid` if it is no table, or has no rows."""
    now = now or datetime.now(UTC)
    with open_table(file, file_format) as table:
        name = name or table.name
        found = list(islice(table.rows(), max_rows))
        is_whole = len(found) < max_rows
        rows = [row for row in found if isinstance(row, Row)]
        if not rows:
            raise Invalid(f"{name} has no rows that can be read below its header.")
        columns = profile_columns(_named(table), [row.cells for row in rows], now)
        draft, recognised = _draft(_source(name), columns, rows, sealed)
        by_name = {column.name: column for column in columns}
        text = mapping_text(draft, by_name, table.facts, name, _made_up(file, now))
        return Inspection(
            rows=len(found),
            is_whole=is_whole,
            file=tuple(describe_file(table.facts, table.footer if is_whole else [])),
            columns=tuple(columns),
            recognised=recognised,
            notes=draft.notes,
            mapping=text,
            trial=_trial(text, table, found, now),
            properties=_properties(columns, sealed),
            first_rows=tuple(tuple(row.cells) for row in rows[:FIRST_ROWS]),
        )


def _named(table: Table) -> list[str]:
    """The header. A column without a name, or with one that another has too, is none that a mapping could name."""
    return [name if name and table.header.count(name) == 1 else "" for name in table.header]


def _properties(columns: list[ColumnProfile], sealed: PersonalFields) -> dict[str, str]:
    named = [column for column in columns if column.name]
    properties, _ = properties_for(named, sealed)
    return {column: name for name, column in properties.items()}


def _draft(
    source: str, columns: list[ColumnProfile], rows: list[Row], sealed: PersonalFields
) -> tuple[Draft, str]:
    usable = [column for column in columns if column.name]
    export = recognise([column.name for column in usable])
    if export and (draft := draft_of(export, usable, sealed)):
        return draft, export.title
    places = [index for index, column in enumerate(columns) if column.name]
    cells = [[row.cells[place].strip() for place in places] for row in rows]
    return suggest_draft(source, usable, cells, sealed), ""


def _source(name: str) -> str:
    """The name of a file as that of a source."""
    stem = name.split(".", maxsplit=1)[0]
    return "-".join(re.findall("[a-z0-9]+", stem.lower()))[:50] or "file"


def _made_up(file: Path, now: datetime) -> datetime:
    """When a file without times was written."""
    if not file.is_file():
        return now.replace(microsecond=0)
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return min(written, now).replace(microsecond=0)


def _trial(text: str, table: Table, found: list[Row | Reject], now: datetime) -> ImportReport:
    mapping = parse_mapping(text, "mapping")
    picker = CellPicker(mapping, table.header)
    reader = RowReader(mapping, picker.sample(table))
    builder = ReportBuilder(ImportReport())
    for batch in batches(found, picker, reader, lambda: now):
        builder.add(batch, ())
    return builder.report()

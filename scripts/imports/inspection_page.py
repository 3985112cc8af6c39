"""An inspection as a page: how the file is written, its columns, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workflows.imports.inspection.column_profile import ColumnProfile
from workflows.imports.inspection.inspect_file import Inspection
from workflows.imports.tables.description import printable

__all__ = ["show_inspection"]

_MAX_SAMPLE = 28


def show_inspection(console: Console, found: Inspection, file: Path, mapping: Path) -> None:
    """Print the inspection of `file`, whose mapping was written to `mapping`."""
    for line in found.file:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"Taken for: {found.recognised or 'no export that is known; its columns were guessed'}.")
    console.print(_columns(found))
    for title, lines in _sections(found):
        if lines:
            console.print(
                title,
                *(f"  {line}" for line in lines),
                sep="\n",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    console.print(_trial(found), soft_wrap=True, highlight=False)
    console.print(f"The mapping is in {mapping}. Try it, then import:", markup=False, soft_wrap=True)
    for option in (" --dry-run", ""):
        console.print(
            f"  lead-engine import {quote(str(file))} --map {quote(str(mapping))}{option}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _columns(found: Inspection) -> Table:
    rows = f"{found.rows:,} rows" if found.is_whole else f"the first {found.rows:,} rows"
    table = Table(title=f"Columns in {rows}", title_justify="left", box=None, pad_edge=False)
    for name in ("Column", "Filled", "Type", "Samples"):
        table.add_column(name, justify="right" if name == "Filled" else "left", overflow="fold")
    for column in found.columns:
        table.add_row(
            escape(printable(column.name) or "(no name of its own)"),
            f"{column.fill_rate:.0%}",
            _type(column),
            escape(", ".join(printable(cell, _MAX_SAMPLE) for cell in column.samples)),
        )
    return table


def _type(column: ColumnProfile) -> str:
    details = {
        "time": ", ".join(column.times.formats) or "ISO 8601",
        "number": f"decimal {column.decimal}" if column.decimal else "",
        "list": f"separator {column.separator}",
        "choice": f"{column.distinct} values",
    }
    detail = details.get(column.kind, "")
    return escape(f"{column.kind} ({detail})" if detail else column.kind)


def _sections(found: Inspection) -> Iterator[tuple[str, Sequence[str]]]:
    personal = [column.name for column in found.columns if column.is_personal]
    yield (
        "WARNING: these columns look personal. The mapping reads them as properties that are sealed, or not at all:",
        [", ".join(personal)] if personal else [],
    )
    yield "Please look at:", [f"{column.name}: {note}" for column in found.columns for note in column.notes]
    yield "Please note:", found.notes


def _trial(found: Inspection) -> str:
    trial = found.trial
    said = f"By the mapping below, {trial.rows:,} rows make {trial.events:,} events"
    refused = f"; {trial.rejected_rows:,} rows are rejected" if trial.rejected_rows else ""
    nothing = f"; {trial.rows_without_events:,} rows make nothing" if trial.rows_without_events else ""
    first = f", first for: {trial.reject_reasons[0].what}" if trial.reject_reasons else ""
    return f"{said}{nothing}{refused}{first}."

"""The report of an import as a page: what became of every row, reasons grouped, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from workflows.imports.report import Count, ImportReport
from workflows.imports.tables.description import printable

__all__ = ["show_report"]

_MAX_LISTED = 10


def show_report(console: Console, report: ImportReport, rejects: Path, *, dry_run: bool) -> None:
    """Print the report."""
    table = Table(show_header=False, box=None)
    for name, value in _figures(report, dry_run=dry_run):
        table.add_row(name, value)
    console.print(table)
    if dry_run:
        console.print("This was a dry run: nothing was stored.")
    for title, lines in _sections(report, rejects):
        if lines:
            console.print(
                title,
                *(f"  {line}" for line in lines),
                sep="\n",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def _figures(report: ImportReport, *, dry_run: bool) -> Iterator[tuple[str, str]]:
    yield "Rows read", f"{report.rows:,}"
    yield "  made events", f"{report.rows_with_events:,}"
    yield "  made nothing", f"{report.rows_without_events:,}"
    yield "  rejected", f"{report.rejected_rows:,}"
    if report.earlier_rows:
        yield "  by an earlier run", f"{report.earlier_rows:,}"
    yield "Events made", f"{report.events:,}"
    if not dry_run:
        yield "  accepted", f"{report.accepted:,}"
        yield "  stored before", f"{report.duplicates:,}"
        yield "  in conflict", f"{report.conflicts:,}"
        if report.blocked:
            yield "  of erased leads", f"{report.blocked:,}"
    yield "Seconds", f"{report.seconds:.1f}"


def _sections(report: ImportReport, rejects: Path) -> Iterator[tuple[str, Sequence[str]]]:
    yield "The file:", report.file
    yield f"Rejected rows, all of them in {rejects}:", _counted(report.reject_reasons, "first on {}")
    yield "Rows that made no event:", _counted(report.no_event_reasons, "first on {}")
    yield "Cells that no entry of `values` names, and that made no event:", _counted(report.unnamed)
    yield "Values left out, because they are not of their type:", _counted(report.left_out, "such as '{}'")
    yield "Times in the future:", _counted(report.future, "such as {}")
    yield (
        "Not stored, because another event has the id already:",
        _with_rest(report.first_conflicts, report.conflicts),
    )
    yield (
        "Not stored, because the lead was erased and is blocked:",
        [f"{report.blocked:,} events; lead-engine personal-data unblock LEADID takes them again"]
        if report.blocked
        else [],
    )
    yield (
        "These properties look personal and are stored in the open; name them in PERSONAL_FIELDS, or rename them:",
        report.open_personal,
    )
    yield "Please note:", report.notices


def _counted(counts: Sequence[Count], example: str = "") -> list[str]:
    lines = [
        f"{count.count:,} x {count.what}"
        + (f" ({example.format(printable(count.example))})" if example and count.example else "")
        for count in counts[:_MAX_LISTED]
    ]
    if len(counts) > _MAX_LISTED:
        rest = counts[_MAX_LISTED:]
        lines.append(f"{sum(count.count for count in rest):,} x {len(rest)} other kinds")
    return lines


def _with_rest(lines: Sequence[str], total: int) -> list[str]:
    return [*lines, f"and {total - len(lines):,} more"] if total > len(lines) else [*lines]

"""`lead-engine import`: the rows of a CSV file as events."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import click
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from domain.errors import Invalid, LeadEngineError, Unavailable
from engine.runtime import open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from workflows.capture.ingest import ingest
from workflows.imports.import_file import ImportReport, Store, import_file
from workflows.imports.mapping import Mapping
from workflows.imports.mapping_file import parse_mapping

__all__ = ["import_csv", "run_import"]

DONE, FAILED, SOME_REFUSED = 0, 1, 3


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map", "mapping", type=click.Path(path_type=Path), required=True, help="How rows become events."
)
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where bad rows go; FILE.rejects.csv by default."
)
@click.option("--dry-run", is_flag=True, help="Check every row, store nothing.")
@exits
def import_csv(file: Path, mapping: Path, rejects: Path | None, dry_run: bool) -> int | None:  # noqa: FBT001
    """Turn the rows of a CSV file into events.

    Idempotent: importing the same file again changes nothing.
    """
    return run(run_import(settings_with_logs(), file, mapping, rejects, dry_run))


async def run_import(
    settings: Settings,
    file: Path,
    mapping_file: Path,
    rejects: Path | None,
    dry_run: bool,  # noqa: FBT001 - the command line's own
) -> int:
    """Import `file` and print the report. Returns the exit code.

    0: every row is in. 3: it ran to its end, but rows were rejected or events conflict with stored ones.
    1: it could not run, or not to its end, with one message. A dry run needs no database.
    """
    rejects = rejects or file.with_suffix(".rejects.csv")
    try:
        mapping = _read_mapping(mapping_file)
        async with _store(settings, dry_run=dry_run) as store:
            with _progress(file) as progress:
                report = await import_file(file, mapping, store, rejects=rejects, progress=progress)
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        if isinstance(error, Unavailable):
            print("Run the same command again: no event is stored twice.", file=sys.stderr)
        return FAILED
    _show(Console(), report, rejects, dry_run=dry_run)
    return SOME_REFUSED if report.rejected_rows or report.conflicts else DONE


def _read_mapping(path: Path) -> Mapping:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"The mapping {path} is not UTF-8 text.") from error
    return parse_mapping(text, path.name)


@asynccontextmanager
async def _store(settings: Settings, *, dry_run: bool) -> AsyncIterator[Store | None]:
    if dry_run:
        yield None
        return
    try:
        async with open_runtime(settings) as runtime:
            await create_schema(runtime.store.database)
            yield partial(ingest, runtime)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer at MONGODB_URI ({type(error).__name__}).") from error


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[ImportReport], None]]:
    """A progress bar on standard error, in bytes of the file; it is removed at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Rows", total=file.stat().st_size if file.is_file() else None)
        yield lambda report: bar.update(
            task, completed=report.bytes_read, description=f"{report.rows:,} rows, {report.events:,} events"
        )


def _show(console: Console, report: ImportReport, rejects: Path, *, dry_run: bool) -> None:
    table = Table(show_header=False, box=None)
    for name, value in _figures(report, dry_run=dry_run):
        table.add_row(name, value)
    console.print(table)
    if dry_run:
        console.print("This was a dry run: nothing was stored.")
    for title, examples, total in (
        (f"Rejected rows, all of them in {rejects}:", report.first_rejects, report.rejected_rows),
        ("Not stored, because another event has the id already:", report.first_conflicts, report.conflicts),
    ):
        if examples:
            console.print(title, *(f"  {example}" for example in examples), sep="\n", markup=False)
            if total > len(examples):
                console.print(f"  and {total - len(examples):,} more")


def _figures(report: ImportReport, *, dry_run: bool) -> Iterator[tuple[str, str]]:
    yield "Rows read", f"{report.rows:,}"
    yield "Rows rejected", f"{report.rejected_rows:,}"
    yield "Events made", f"{report.events:,}"
    if not dry_run:
        yield "  accepted", f"{report.accepted:,}"
        yield "  stored before", f"{report.duplicates:,}"
        yield "  in conflict", f"{report.conflicts:,}"
    yield "Seconds", f"{report.seconds:.1f}"

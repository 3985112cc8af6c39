"""How far an import has come and how long it will take: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import humanize
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from workflows.imports.report import ImportReport

__all__ = ["LINE_SECONDS", "import_progress", "progress_line"]

LINE_SECONDS = 15.0
"""Between two lines where nobody sees a bar."""


@contextmanager
def import_progress(console: Console) -> Iterator[Callable[[ImportReport], None]]:
    """Shows each report on the console, which is removed at the end if it is a terminal."""
    if not console.is_terminal:
        yield _lines(time.monotonic)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Rows", total=None)
        yield lambda report: bar.update(
            task,
            total=None if report.fraction is None else 1.0,
            completed=report.fraction or 0.0,
            description=f"{report.rows:,} rows, {report.events:,} events",
        )


def _lines(clock: Callable[[], float]) -> Callable[[ImportReport], None]:
    due = clock() + LINE_SECONDS

    def show(report: ImportReport) -> None:
        nonlocal due
        if clock() >= due:
            due = clock() + LINE_SECONDS
            print(progress_line(report), file=sys.stderr, flush=True)

    return show


def progress_line(report: ImportReport) -> str:
    """`120,000 rows, 118,400 events, 34 %, 12 minutes left`; a pipe has no end that is known."""
    said = f"{report.rows:,} rows, {report.events:,} events"
    if not report.fraction:
        return said
    left = report.seconds * (1 - report.fraction) / report.fraction
    return f"{said}, {report.fraction:.0%}, {humanize.naturaldelta(left)} left"

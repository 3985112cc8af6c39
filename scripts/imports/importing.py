"""`lead-engine import FILE`: import a file into the database of the settings, and print the report."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pymongo.errors import PyMongoError
from rich.console import Console

from domain.errors import Invalid, LeadEngineError, Unavailable
from engine.runtime import open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from engine.store.checkpoints import Checkpoints
from scripts.imports.progress import import_progress
from scripts.imports.report_page import show_report
from workflows.capture.ingest import ingest
from workflows.imports.import_file import ImportReport, Store, import_file
from workflows.imports.mapping.mapping import Mapping
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.tables.source import STANDARD_INPUT

__all__ = ["rejects_beside", "run_import"]

DONE, FAILED, SOME_REFUSED = 0, 1, 3
_PACKED = {".gz", ".zip"}


class _Target(NamedTuple):
    """Where events go, and the stages that they may name; all are None for a dry run."""

    store: Store | None = None
    checkpoints: Checkpoints | None = None
    stages: Collection[str] | None = None


async def run_import(
    settings: Settings,
    file: Path,
    mapping_file: Path,
    rejects: Path | None,
    *,
    dry_run: bool = False,
    restart: bool = False,
) -> int:
    """Import `file` and print the report. Returns the exit code.

    0: every row is in. 3: it ran to its end, but rows were rejected or events conflict with stored ones.
    1: it could not run, or not to its end, with one message. A dry run needs no database.
    """
    rejects = rejects or rejects_beside(file)
    try:
        mapping = _read_mapping(mapping_file)
        async with _target(settings, dry_run=dry_run, restart=restart) as target:
            report = await _imported(settings, file, mapping, target, rejects)
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        if isinstance(error, Unavailable):
            print(
                "Run the same command again: it goes on where it stopped, and no event is stored twice.",
                file=sys.stderr,
            )
        return FAILED
    show_report(Console(), report, rejects, dry_run=dry_run)
    return SOME_REFUSED if report.rejected_rows or report.conflicts else DONE


def rejects_beside(file: Path) -> Path:
    """Where the rejects go by default: beside the file, or in the working directory for a pipe."""
    if file == STANDARD_INPUT:
        return Path("standard-input.rejects.csv")
    if file.exists() and not file.is_file():
        return Path(f"{file.name}.rejects.csv")
    name = file.with_suffix("") if file.suffix.lower() in _PACKED else file
    return name.with_suffix(".rejects.csv")


async def _imported(
    settings: Settings, file: Path, mapping: Mapping, target: _Target, rejects: Path
) -> ImportReport:
    with import_progress(Console(stderr=True)) as progress:
        return await import_file(
            file,
            mapping,
            target.store,
            rejects=rejects,
            sealed=settings.personal,
            stages=target.stages,
            region=settings.phone_region,
            checkpoints=target.checkpoints,
            progress=progress,
        )


def _read_mapping(path: Path) -> Mapping:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"The mapping {path} is not UTF-8 text.") from error
    return parse_mapping(text, path.name)


@asynccontextmanager
async def _target(settings: Settings, *, dry_run: bool, restart: bool) -> AsyncIterator[_Target]:
    if dry_run:
        yield _Target()
        return
    try:
        async with open_runtime(settings) as runtime:
            await create_schema(runtime.store.database)
            checkpoints = None if restart else runtime.store.checkpoints
            yield _Target(partial(ingest, runtime), checkpoints, runtime.rulebook.stages.names)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer at MONGODB_URI ({type(error).__name__}).") from error

"""An attempt of an import: its file is imported as by the command, a minute at a time, and goes on at its checkpoint."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec

from domain.errors import Invalid
from domain.instant import MINUTE
from engine.imports.file_store import PIECE_BYTES
from engine.imports.import_store import IMPORT, Import
from engine.process.tasks import cancel_and_wait
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.capture.ingest import ingest
from workflows.imports.import_file import ImportReport, import_file
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.resume import without_cells

__all__ = ["MAX_ROWS", "import_kind", "perform_import"]

MAX_ROWS = 1_000_000
_SLICE_SECONDS = 60.0
"""After which others get the place of an import, which then goes on at its checkpoint."""
_SAVE_SECONDS = 1.0


class _Pause(Exception):
    """The slice is over."""


class _TooManyRows(Exception):
    """The file has more rows than an import may have."""


def import_kind(runtime: Runtime) -> WorkKind[Import]:
    """Imports as due work; a lease is ten slices, for a file has to be fetched first."""
    policy = Policy(
        attempts=5,
        backoff=exponential(MINUTE, 10 * MINUTE),
        lease=10 * MINUTE,
        concurrency=1,
    )
    return WorkKind(IMPORT, runtime.imports.units, policy, partial(perform_import, runtime))


async def perform_import(runtime: Runtime, unit: Import, *, seconds: float = _SLICE_SECONDS) -> Outcome:
    """Import the file for some seconds; a dry run to its end. Its rows are deleted when it ends, and its rejects kept."""
    with tempfile.TemporaryDirectory(prefix="lead-engine-import-") as folder:
        rows, rejects = Path(folder) / f"rows{unit.suffix}", Path(folder) / "rejects.csv"
        if not await _fetch(runtime.imports.files.read(unit.unit_id, "rows"), rows):
            return Outcome(verdict="dead", detail="the file is not there any more")
        await _fetch(runtime.imports.files.read(unit.unit_id, "rejects"), rejects)
        slice_ = _Slice(runtime, unit, seconds)
        try:
            await slice_.run(rows, rejects)
        except _Pause:
            await _keep(runtime, unit, rejects)
            return Outcome(verdict="later", detail=f"{slice_.report.rows} rows so far")
        except _TooManyRows:
            detail = f"the file has more than {MAX_ROWS:,} rows; split it: the rows up to there are stored"
        except Invalid as error:
            detail = str(error)
        else:
            await _keep(runtime, unit, rejects)
            await runtime.imports.files.delete_rows(unit.unit_id)
            return Outcome(verdict="done", detail=f"{slice_.report.rows} rows")
        await _keep(runtime, unit, rejects)
        await runtime.imports.files.delete_rows(unit.unit_id)
        return Outcome(verdict="dead", detail=detail)


class _Slice:
    """One run of an import, and its report so far."""

    def __init__(self, runtime: Runtime, unit: Import, seconds: float) -> None:
        self._runtime, self._unit = runtime, unit
        self._ends = time.monotonic() + seconds
        self.report = ImportReport()

    async def run(self, rows: Path, rejects: Path) -> None:
        """Import, and save the report every second. Raises `_Pause`, `_TooManyRows`, and what the import raises."""
        runtime, unit = self._runtime, self._unit
        importing = asyncio.create_task(
            import_file(
                rows,
                parse_mapping(unit.mapping, unit.mapping_name or "mapping"),
                None if unit.dry_run else partial(ingest, runtime),
                rejects=rejects,
                sealed=runtime.settings.personal,
                stages=runtime.rulebook.stages.names,
                region=runtime.identity.phone_region,
                checkpoints=runtime.store.checkpoints,
                key=f"import:{unit.unit_id}",
                progress=self._note,
            )
        )
        try:
            while not importing.done():
                await asyncio.wait({importing}, timeout=_SAVE_SECONDS)
                if not await self._save():
                    raise Invalid("the import was deleted")
            self.report = await importing
            await self._save()
        finally:
            await cancel_and_wait(importing)

    def _note(self, report: ImportReport) -> None:
        self.report = report
        if report.rows > MAX_ROWS:
            raise _TooManyRows
        if not self._unit.dry_run and time.monotonic() > self._ends:
            raise _Pause

    async def _save(self) -> bool:
        report = msgspec.json.encode(without_cells(self.report)).decode()
        return await self._runtime.imports.units.save_report(self._unit.unit_id, report)


async def _fetch(pieces: AsyncIterator[bytes], path: Path) -> bool:
    """Write a file; whether there is anything in it."""
    is_there = False
    async for piece in pieces:
        await asyncio.to_thread(_append, path, piece)
        is_there = True
    return is_there


async def _keep(runtime: Runtime, unit: Import, rejects: Path) -> None:
    """Store the rejected rows so far."""
    number = 0
    while piece := await asyncio.to_thread(_piece, rejects, number):
        await runtime.imports.files.put(unit.unit_id, "rejects", number, piece, runtime.now())
        number += 1


def _append(path: Path, piece: bytes) -> None:
    path.touch(mode=0o600)
    with path.open("ab") as file:
        file.write(piece)


def _piece(path: Path, number: int) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(number * PIECE_BYTES)
        return file.read(PIECE_BYTES)

"""Resuming an import that was stopped: a checkpoint after each batch, found again by the file and the mapping."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.store.checkpoints import Checkpoints
from workflows.imports.mapping.mapping import Mapping
from workflows.imports.report import Count, ImportReport

__all__ = ["ImportCheckpoint", "Resumption", "import_key", "without_cells"]

_HEAD_BYTES = 64 * 1024
_READER = 1
"""Raised when the same file is cut into other rows than before: a checkpoint counts rows."""


class ImportCheckpoint(Struct, frozen=True):
    """How far an import has come: everything up to here is stored."""

    report: ImportReport
    rejects_bytes: int


def import_key(file: Path, mapping: Mapping) -> str | None:
    """Equal for the same unchanged file imported by the same mapping; None for what cannot be read again, as a pipe."""
    if not file.is_file():
        return None
    status = file.stat()
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{_READER}\0{file.resolve()}".encode(errors="surrogateescape"))
    digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    digest.update(mapping.model_dump_json(by_alias=True).encode())
    with file.open("rb") as opened:
        digest.update(opened.read(_HEAD_BYTES))
    return f"import:{digest.hexdigest()}"


class Resumption:
    """The checkpoint of one import, kept beside the events so that it cannot outlive them.

    Without a store for it, or for a pipe, nothing is kept.
    """

    def __init__(self, checkpoints: Checkpoints | None, key: str | None) -> None:
        self._checkpoints = checkpoints if key else None
        self._key = key or ""

    async def begin(self, rejects: Path) -> ImportCheckpoint:
        """Where to go on: at the beginning, if nothing is kept or the rejects of the run before are gone."""
        fresh = ImportCheckpoint(ImportReport(), 0)
        if self._checkpoints is None or not (saved := await self._checkpoints.progress(self._key)):
            return fresh
        try:
            checkpoint = msgspec.json.decode(saved, type=ImportCheckpoint)
        except msgspec.MsgspecError:  # of another version
            return fresh
        return checkpoint if _size(rejects) >= checkpoint.rejects_bytes else fresh

    async def save(self, report: ImportReport, rejects_bytes: int) -> None:
        """All rows of the report are dealt with."""
        if self._checkpoints is not None:
            checkpoint = ImportCheckpoint(without_cells(report), rejects_bytes)
            await self._checkpoints.record_progress(self._key, msgspec.json.encode(checkpoint).decode())

    async def end(self) -> None:
        """The import has come to its end: the next one begins at the beginning."""
        if self._checkpoints is not None:
            await self._checkpoints.clear(self._key)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def without_cells(report: ImportReport) -> ImportReport:
    """The report without what the cells say, which may be about a person: no erasure would find it here."""
    unnamed: dict[str, int] = {}
    for count in report.unnamed:
        column = count.what.split("': ")[0].removesuffix("'")
        unnamed[f"{column}', before the stop"] = unnamed.get(f"{column}', before the stop", 0) + count.count
    return replace(
        report,
        left_out=tuple(Count(count.what, count.count) for count in report.left_out),
        future=tuple(Count(count.what, count.count) for count in report.future),
        unnamed=tuple(Count(what, count) for what, count in unnamed.items()),
        first_rejects=(),
        first_conflicts=(),
        file=(),
    )

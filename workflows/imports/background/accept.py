"""Accepts a file for import: checks mapping and columns, stores the file, and makes it due work."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec import Struct

from domain.events.event import Json
from engine.imports.file_store import PIECE_BYTES
from engine.imports.import_store import IMPORT, Import
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.imports.background.ndjson import NDJSON_SUFFIXES, ndjson_to_csv
from workflows.imports.import_file import check_columns
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.tables.table import open_table

__all__ = ["Upload", "accept_import", "delete_import"]


class Upload(Struct, frozen=True):
    """A file that has arrived, its name at the sender, and how its rows become events: the text and name of a mapping."""

    path: Path
    file_name: str
    mapping: str
    mapping_name: str = ""


async def accept_import(runtime: Runtime, by: Actor, upload: Upload, *, dry_run: bool) -> Import:
    """Store the file and make the import due. Raises `Invalid` for a mapping or a file that cannot be read or do not fit."""
    path = await asyncio.to_thread(_checked, upload)
    import_id, at = runtime.imports.units.new_id(), runtime.now()
    number = 0
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            await runtime.imports.files.put(import_id, "rows", number, piece, at)
            number += 1

    async def create(session: Session) -> tuple[Import, AuditAction]:
        await runtime.imports.units.add(
            import_id,
            upload.file_name,
            path.suffix,
            upload.mapping,
            upload.mapping_name,
            at,
            dry_run=dry_run,
            session=session,
        )
        unit = await runtime.imports.units.get(import_id, session)
        return unit, AuditAction("import.created", import_id, after=_facts(unit))

    unit = await audited(runtime, by, create)
    await runtime.work.wake_ups.announce(IMPORT)
    return unit


async def delete_import(runtime: Runtime, by: Actor, import_id: str) -> None:
    """Forget the import and its files; what is stored of its rows stays. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        unit = await runtime.imports.units.get(import_id, session)
        await runtime.imports.units.delete(import_id, session)
        await runtime.imports.files.delete(import_id, session)
        return None, AuditAction("import.deleted", import_id, _facts(unit))

    await audited(runtime, by, delete)


def _checked(upload: Upload) -> Path:
    """The file as it will be read, once mapping and columns fit."""
    mapping = parse_mapping(upload.mapping, upload.mapping_name or "mapping")
    path = upload.path
    if path.suffix in NDJSON_SUFFIXES:
        path = path.with_suffix(".csv")
        ndjson_to_csv(upload.path, path)
    with open_table(path, mapping.file.format, mapping.columns) as table:
        check_columns(table.header, mapping, upload.file_name)
    return path


def _facts(unit: Import) -> dict[str, Json]:
    return {"fileName": unit.file_name, "mapping": unit.mapping_name, "dryRun": unit.dry_run}

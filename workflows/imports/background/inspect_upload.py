"""Inspection of a file that arrived over HTTP: its first rows, its columns, and a mapping that works."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.runtime import Runtime
from workflows.imports.background.ndjson import NDJSON_SUFFIXES, ndjson_to_csv
from workflows.imports.inspection.inspect_file import Inspection, inspect_file

__all__ = ["inspect_upload"]

MAX_ROWS = 2_000
"""Rows that are looked at: a tenth of the command's, because a person waits and other requests go on."""


async def inspect_upload(runtime: Runtime, path: Path, file_name: str) -> Inspection:
    """The inspection of the file, which is called `file_name`. Raises `Invalid` if it is no table, or has no rows."""
    return await asyncio.to_thread(_inspected, runtime, path, file_name)


def _inspected(runtime: Runtime, path: Path, file_name: str) -> Inspection:
    if path.suffix in NDJSON_SUFFIXES:
        ndjson_to_csv(path, csv := path.with_suffix(".csv"))
        path = csv
    return inspect_file(path, sealed=runtime.privacy.fields, name=file_name, max_rows=MAX_ROWS)

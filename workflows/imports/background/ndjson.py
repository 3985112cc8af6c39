"""NDJSON files as tables: one object per line, whose names are columns. Written as CSV, so that one reader serves both."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from domain.errors import Fault, Invalid

__all__ = ["NDJSON_SUFFIXES", "ndjson_to_csv"]

NDJSON_SUFFIXES = (".ndjson", ".jsonl")
_MAX_COLUMNS = 2000
_MAX_DEPTH = 5


def ndjson_to_csv(source: Path, target: Path) -> None:
    """Write the objects of a file as rows. Objects within them become columns with dots: `person.email`; lists are JSON.

    Raises `Invalid` with the line for what is no object, and for too many columns.
    """
    columns: dict[str, None] = {}
    for _, cells in _rows(source):
        columns |= dict.fromkeys(cells)
        if len(columns) > _MAX_COLUMNS:
            raise Invalid("The file cannot be read.", (Fault("", f"it has more than {_MAX_COLUMNS} names"),))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for _, cells in _rows(source):
            writer.writerow([cells.get(name, "") for name in columns])


def _rows(source: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with source.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _cells(_object(line, number), "", _MAX_DEPTH)


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(
            "The file cannot be read.", (Fault(f"line {number}", f"is not JSON: {error}"),)
        ) from None
    if not isinstance(found, dict):
        raise Invalid("The file cannot be read.", (Fault(f"line {number}", "is not an object"),))
    return found


def _cells(value: dict[str, Any], prefix: str, levels: int) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and levels:
            cells |= _cells(inner, f"{prefix}{name}.", levels - 1)
        elif isinstance(inner, str):
            cells[prefix + name] = inner
        elif inner is not None:
            cells[prefix + name] = msgspec.json.encode(inner).decode()
    return cells

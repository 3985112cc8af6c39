"""The CSV file of rows that an import refused: as they were, with the line and the reason in front."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from domain.errors import Invalid
from workflows.imports.csv_file import Reject

__all__ = ["RejectsFile"]


class RejectsFile:
    """Made with the first refused row. One of an earlier run is removed, for it would pass for this one's."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Raises `Invalid` if there can be no such file."""
        self._path = path
        self._heading: list[Sequence[object]] = [("line", "reason", *header)]
        try:
            if path.is_file():
                path.unlink()
        except OSError as error:
            raise self._trouble(error) from error
        if not path.parent.is_dir():
            raise Invalid(f"The rejects cannot be written to {path}: there is no folder {path.parent}.")

    def add(self, rejects: Sequence[Reject]) -> None:
        """Write some rows. Raises `Invalid` if the file cannot be written."""
        if not rejects:
            return
        rows: list[Sequence[object]] = [
            (reject.row.line, reject.reason, *reject.row.cells) for reject in rejects
        ]
        try:
            with self._path.open("a", encoding="utf-8", errors="surrogateescape", newline="") as file:
                csv.writer(file).writerows(self._heading + rows)
        except OSError as error:
            raise self._trouble(error) from error
        self._heading = []

    def _trouble(self, error: OSError) -> Invalid:
        return Invalid(
            f"The rejects cannot be written to {self._path}: {error.strerror}. Choose another file."
        )

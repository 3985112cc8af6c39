"""The file of the rows that an import refused: as they were, with line and reason in front, written like their source."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from domain.errors import Invalid
from workflows.imports.tables.csv_reader import Reject
from workflows.imports.tables.dialect import Dialect
from workflows.imports.tables.table import REJECT_COLUMNS, TableFacts

__all__ = ["RejectsFile"]

_WIDE = ("utf-16", "utf-32")
_PRIVATE_MODE = 0o600


class RejectsFile:
    """Made with the first refused row, with the encoding and delimiter of the file that the rows are of.

    It holds what people wrote about others, so only its owner may read it, whatever the permissions of that file.
    """

    def __init__(self, path: Path, header: Sequence[str], *, keep_bytes: int = 0) -> None:
        """One of an earlier run is removed but for its first `keep_bytes`. Raises `Invalid` if there can be no such file."""
        self._path = path
        self._heading: list[Sequence[object]] = [] if keep_bytes else [(*REJECT_COLUMNS, *header)]
        self.size = keep_bytes
        """Bytes written so far."""
        if not path.parent.is_dir():
            raise Invalid(f"The rejects cannot be written to {path}: there is no folder {path.parent}.")
        try:
            if keep_bytes:
                os.truncate(path, keep_bytes)
            elif path.is_file():
                path.unlink()
        except OSError as error:
            raise self._trouble(error) from error

    def add(self, rejects: Sequence[Reject], facts: TableFacts) -> None:
        """Write some rows. Raises `Invalid` if the file cannot be written."""
        if not rejects:
            return
        rows: list[Sequence[object]] = [
            (reject.row.line, reject.reason, *reject.row.cells) for reject in rejects
        ]
        data = _encoded(_written(self._heading + rows, facts.dialect), facts, begins=bool(self._heading))
        try:
            self._append(data)
        except OSError as error:
            raise self._trouble(error) from error
        self._heading = []
        self.size += len(data)

    def _append(self, data: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode=_PRIVATE_MODE)
        with os.fdopen(descriptor, "ab") as file:
            if self._heading:
                os.fchmod(descriptor, _PRIVATE_MODE)
            file.write(data)

    def _trouble(self, error: OSError) -> Invalid:
        return Invalid(
            f"The rejects cannot be written to {self._path}: {error.strerror}. Choose another file."
        )


def _written(rows: Sequence[Sequence[object]], dialect: Dialect) -> str:
    text = io.StringIO(newline="")
    if not dialect.quote:
        # Without quotes a reason must not hold the delimiter.
        rows = [(row[0], str(row[1]).replace(dialect.delimiter, " "), *row[2:]) for row in rows]
        text.write("".join(dialect.delimiter.join(map(str, row)) + "\r\n" for row in rows))
        return text.getvalue()
    csv.writer(
        text,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=not dialect.escape,
        escapechar="\\" if dialect.escape else None,
    ).writerows(rows)
    return text.getvalue()


def _encoded(text: str, facts: TableFacts, *, begins: bool) -> bytes:
    encoding = facts.encoding or "utf-8"
    if encoding.startswith(_WIDE):
        mark = "\ufeff" if begins else ""
        return (mark + text).encode(encoding, "replace")
    return text.encode(encoding, "surrogateescape")

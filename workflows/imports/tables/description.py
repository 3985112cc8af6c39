"""Description of a file for a person: how it is written, and which of its lines are no rows."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.imports.tables.csv_reader import Row
from workflows.imports.tables.dialect import Dialect
from workflows.imports.tables.table import TableFacts

__all__ = ["delimiter_name", "describe_file", "encoding_name", "printable"]

_MAX_SHOWN = 60
_DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252 (cp1252)",
}


def delimiter_name(delimiter: str) -> str:
    """The delimiter in a word, as a mapping may write it."""
    return _DELIMITERS.get(delimiter, delimiter)


def encoding_name(encoding: str) -> str:
    """The encoding as people call it."""
    return _ENCODINGS.get(encoding, encoding)


def printable(text: str, length: int = _MAX_SHOWN) -> str:
    """The text on one line, without what a terminal would obey, and no longer than a person reads."""
    line = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(text.split())
    )
    return line if len(line) <= length else f"{line[: length - 3]}..."


def describe_file(facts: TableFacts, footer: Sequence[Row]) -> list[str]:
    """How the file is written, and which of its lines are no rows."""
    said = [_kind(facts)]
    if facts.other_sheets:
        said.append(f"Sheets that were not read: {', '.join(facts.other_sheets)}.")
    if facts.titles:
        said.append(f"Above the header: {_lines(facts.titles)}.")
    if footer:
        said.append(
            f"Below the rows, from line {footer[0].line}: {_lines([' '.join(row.cells) for row in footer])}."
        )
    return said


def _kind(facts: TableFacts) -> str:
    packing = f" in {facts.packing}" if facts.packing else ""
    if facts.sheet:
        return f"Workbook{packing}, sheet '{facts.sheet}'."
    return f"CSV{packing}, {encoding_name(facts.encoding)}, {_quoting(facts.dialect)}."


def _quoting(dialect: Dialect) -> str:
    quote = f"quote {dialect.quote}" if dialect.quote else "no quotes"
    escape = ", escaped by backslash" if dialect.escape else ""
    return f"delimiter {delimiter_name(dialect.delimiter)}, {quote}{escape}"


def _lines(lines: Sequence[str]) -> str:
    shown = "; ".join(f"'{printable(line)}'" for line in lines[:3])
    return shown if len(lines) <= 3 else f"{shown} and {len(lines) - 3} more lines"  # noqa: PLR2004

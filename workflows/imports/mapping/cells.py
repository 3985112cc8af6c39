"""The cells of one row by their columns, and templates: text with columns in braces."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.errors import Invalid
from workflows.imports.values.words import folded

__all__ = ["CellError", "Cells", "Column", "ColumnOrTemplate", "Template", "fill", "holes", "is_row_s_own"]

Cells = Mapping[str, str]
"""A row: its cells by column, without the empty ones."""

_HOLE = re.compile(r"\{([^{}]+?)(\|hash)?\}")
_WHOLE_ROW = "*"
"""In a template, `{*|hash}`: a digest of all cells that the mapping reads."""
_DIGEST_BYTES = 16


class CellError(Invalid):
    """A cell that the mapping needs and cannot use. `kind` says it without the cell, alike for all rows of its kind."""

    def __init__(self, column: str, reason: str, cell: str | None = None) -> None:
        shown = f" {reason}" if cell is None else f": {cell!r} {reason}"
        super().__init__(f"column '{column}'{shown}")
        self.kind = f"column '{column}' {reason}"


def _closed(template: str) -> str:
    if re.search("[{}]", _HOLE.sub("", template)):
        raise ValueError(f"'{template}' has a brace without its partner; write columns as {{Name}}")
    return template


def is_row_s_own(template: str) -> bool:
    """Whether the template says something else for other rows."""
    return bool(_HOLE.search(template))


def _row_s_own(template: str) -> str:
    if not is_row_s_own(template):
        raise ValueError("write the name of a column, or text with a column in braces: 'shop-{Customer}'")
    return template


Column = Annotated[str, Field(min_length=1)]
"""The name of a column, as in the header."""
Template = Annotated[str, AfterValidator(_closed)]
"""Text with columns in braces: `order-{Order ID}`, or `{E-mail|hash}` for a digest of the cell in place of it."""
ColumnOrTemplate = Annotated[
    Template,
    AfterValidator(_row_s_own),
    BeforeValidator(lambda value: f"{{{value}}}" if value and "{" not in value else value),
]
"""A template, or a bare column."""


def holes(template: str) -> set[str]:
    """The columns that a template names."""
    return {column for column, _ in _HOLE.findall(template)} - {_WHOLE_ROW}


def fill(template: str, cells: Cells) -> str:
    """The template with the row's cells in it. Raises `CellError` if one is empty."""

    def filled(hole: re.Match[str]) -> str:
        if not hole[2]:
            return cells[hole[1]]
        return _digest(
            "\0".join(map("\0".join, sorted(cells.items()))) if hole[1] == _WHOLE_ROW else cells[hole[1]]
        )

    try:
        return _HOLE.sub(filled, template)
    except KeyError as error:
        raise CellError(error.args[0], f"is empty, and '{template}' needs it") from error


def _digest(cell: str) -> str:
    """Equal for a cell in any case. No secret: an address can still be guessed by trying."""
    return hashlib.blake2b(folded(cell).encode(), digest_size=_DIGEST_BYTES).hexdigest()

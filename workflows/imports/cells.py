"""The cells of one row of an imported file, and what they say as text in a template, as a number, as yes or no."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.errors import Invalid

__all__ = [
    "Cells",
    "Column",
    "ColumnOrTemplate",
    "Template",
    "boolean_in",
    "fill",
    "holes",
    "number_in",
]

Cells = Mapping[str, str]
"""A row: its cells by column, without the empty ones."""

_HOLE = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BOOLEANS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _closed(template: str) -> str:
    if re.search("[{}]", _HOLE.sub("", template)):
        raise ValueError(f"'{template}' has a brace without its partner; write columns as {{Name}}")
    return template


def _row_s_own(template: str) -> str:
    if not _HOLE.search(template):
        raise ValueError("write the name of a column, or text with a column in braces: 'shop-{Customer}'")
    return template


Column = Annotated[str, Field(min_length=1)]
"""The name of a column, as in the header."""
Template = Annotated[str, AfterValidator(_closed)]
"""Text with columns in braces: `order-{Order ID}`."""
ColumnOrTemplate = Annotated[
    Template,
    AfterValidator(_row_s_own),
    BeforeValidator(lambda value: f"{{{value}}}" if value and "{" not in value else value),
]
"""A template, or a bare column."""


def holes(template: str) -> set[str]:
    """The columns that a template names."""
    return set(_HOLE.findall(template))


def fill(template: str, cells: Cells) -> str:
    """The template with the row's cells in it. Raises `Invalid` if one is empty."""
    try:
        return _HOLE.sub(lambda hole: cells[hole[1]], template)
    except KeyError as error:
        raise Invalid(f"column '{error.args[0]}' is empty, and '{template}' needs it") from error


def number_in(column: str, cells: Cells) -> int | float:
    """A number as files write it: 5, -2.50, 1e6. Whole ones stay whole; an empty cell is 0. Raises `Invalid`."""
    text = cells.get(column, "0")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise Invalid(f"column '{column}': {text!r} is not a number such as 12 or 3.5")
    return float(text) if re.search("[.eE]", text) else int(text)


def boolean_in(column: str, cells: Cells) -> bool:
    """Yes or no, true or false, 1 or 0, in any case. Raises `Invalid`, also for an empty cell."""
    text = cells.get(column, "")
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise Invalid(f"column '{column}': {text!r} is not Yes or No")
    return value

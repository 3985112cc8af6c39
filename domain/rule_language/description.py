"""Descriptions: rules in words and tables, for a terminal or a page to lay out."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Block", "Cell", "Entry", "Heading", "Indented", "Labelled", "Table"]


class Labelled(Struct, frozen=True):
    """A cell of two lines: a label, and what it stands for."""

    label: str
    detail: str


class Indented(Struct, frozen=True):
    """A cell that belongs to the one above it."""

    text: str


Cell = str | Labelled | Indented


class Table(Struct, frozen=True):
    """Rows under columns. The columns in `numeric` hold numbers, those in `unbroken` single words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[str, ...] = ()
    unbroken: tuple[str, ...] = ()


class Heading(Struct, frozen=True):
    """The title of the blocks after it."""

    text: str


class Entry(Struct, frozen=True):
    """A named thing and what there is to say of it."""

    title: str
    lines: tuple[str, ...]


Block = str | Heading | Table | Entry
"""A paragraph, or one of the structs above."""

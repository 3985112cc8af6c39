"""The layout of descriptions in a terminal: paragraphs, headings and plain tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from domain.rule_language.description import Block, Cell, Entry, Heading, Indented, Labelled, Table

__all__ = ["laid_out"]

_INDENT = (0, 0, 0, 2)


def laid_out(block: Block) -> Iterator[RenderableType]:
    """The block as rich prints it. Nothing in it is markup."""
    if isinstance(block, str):
        yield Text(block)
    elif isinstance(block, Heading):
        yield Text(f"\n{block.text}", style="bold")
    elif isinstance(block, Table):
        yield _table(block)
    else:
        yield from _entry(block)


def _entry(entry: Entry) -> Iterator[RenderableType]:
    yield Text(entry.title, style="bold")
    for line in entry.lines:
        yield Padding(Text(line), _INDENT)


def _table(table: Table) -> RichTable:
    plain = RichTable(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in table.columns:
        right = name in table.numeric
        plain.add_column(
            name,
            justify="right" if right else "left",
            no_wrap=right or name in table.unbroken,
            header_style="dim",
        )
    for row in table.rows:
        plain.add_row(*map(_cell, row))
    return plain


def _cell(cell: Cell) -> RenderableType:
    if isinstance(cell, Labelled):
        return Group(Text(cell.label), Padding(Text(cell.detail, style="dim"), _INDENT))
    return Padding(Text(cell.text), _INDENT) if isinstance(cell, Indented) else Text(cell)

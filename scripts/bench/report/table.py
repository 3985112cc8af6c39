"""The rows as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from scripts.bench.report.figures import Figure, Row, Target

__all__ = ["in_short", "number", "table_of", "target_words"]

_STYLES = {"aim met": "green", "reached": "yellow", "missed": "red", "": "dim"}


def table_of(rows: Sequence[Row]) -> Table:
    """One line per row, with a note below its name and the name of its baseline."""
    table = Table(
        title="Medians, with the lowest and the highest round", title_justify="left", show_lines=True
    )
    table.add_column("#", justify="right")
    table.add_column("question", ratio=3)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("baseline", justify="right", ratio=2)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("reach", justify="right", no_wrap=True)
    table.add_column("aim for", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for row in rows:
        table.add_row(
            str(row.question),
            _two_lines(row.name, row.note),
            _with_spread(row.measured),
            _two_lines(_with_spread(row.baseline), row.baseline_name) if row.baseline else "",
            _with_spread(row.ratio) if row.ratio else "",
            target_words(row.reach),
            target_words(row.aim),
            Text(row.verdict or "-", style=_STYLES[row.verdict]),
        )
    return table


def in_short(row: Row) -> str:
    """A row in one line."""
    ratio = f", {number(row.ratio.median)} x {row.baseline_name}" if row.ratio else ""
    verdict = f": {row.verdict}" if row.verdict else ""
    return f"{row.name}: {number(row.measured.median)} {row.measured.unit}{ratio}{verdict}"


def number(value: float) -> str:
    """Three digits that matter; whole numbers from 100 on, thousands with commas."""
    if abs(value) >= 100:  # noqa: PLR2004 - from here on whole numbers have three digits
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _two_lines(first: str, second: str) -> Text:
    return Text.assemble(first, (f"\n{second}", "dim")) if second else Text(first)


def _with_spread(figure: Figure) -> str:
    median = f"{number(figure.median)} {figure.unit}"
    if len(figure.samples) == 1:
        return median
    return f"{median}\n{number(figure.low)} to {number(figure.high)}"


def target_words(target: Target | None) -> str:
    """The target as a comparison, empty if there is none."""
    if target is None:
        return ""
    return f"{'<' if target.upper else '>='} {number(target.bound)}"

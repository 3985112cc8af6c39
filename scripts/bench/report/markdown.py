"""The rows as a table in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bench.report.figures import Figure, Row
from scripts.bench.report.machine import Machine, words
from scripts.bench.report.table import number, target_words

__all__ = ["as_markdown"]

_HEAD = ("#", "question", "measured", "baseline", "ratio", "reach", "aim for", "verdict")


def as_markdown(rows: Sequence[Row], machine: Machine) -> str:
    """The machine, then one line per row: medians with the lowest and the highest round in brackets."""
    lines = [words(machine).replace("\n", "; "), "", _line(_HEAD), _line(["---"] * len(_HEAD))]
    return "\n".join([*lines, *(_line(_cells(row)) for row in rows)]) + "\n"


def _cells(row: Row) -> list[str]:
    baseline = f"{row.baseline_name}: {_with_spread(row.baseline)}" if row.baseline else ""
    return [
        str(row.question),
        f"{row.name}<br>{row.note}" if row.note else row.name,
        _with_spread(row.measured),
        baseline,
        _with_spread(row.ratio) if row.ratio else "",
        target_words(row.reach),
        target_words(row.aim),
        row.verdict,
    ]


def _with_spread(figure: Figure) -> str:
    spread = f" ({number(figure.low)} to {number(figure.high)})" if len(figure.samples) > 1 else ""
    return f"{number(figure.median)} {figure.unit}{spread}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

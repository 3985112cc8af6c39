"""Measures questions in two checkouts in turn, pair by pair, and shows how the rows compare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec
from msgspec import Struct
from rich.table import Table

from scripts.bench.against.checkout import Checkout
from scripts.bench.against.comparison import Comparison, Pair, compare
from scripts.bench.against.measurement import BrokenBenchmark, measure, verify_runs_itself
from scripts.bench.report.figures import Figure
from scripts.bench.report.table import number

__all__ = ["Findings", "comparison_as_json", "comparison_table", "measure_in_turn"]


class Findings(Struct, frozen=True):
    """The rows that could be compared, and what each question that could not be measured said."""

    rows: list[Comparison]
    broken: dict[str, str]


def measure_in_turn(
    questions: Sequence[str],
    before: Checkout,
    now: Checkout,
    *,
    pairs: int,
    quick: bool,
    numbers: Collection[int],
    say: Callable[[str], None],
) -> Findings:
    """Measure every question `pairs` times in both checkouts; every other pair begins with the other one.

    Ctrl-C ends it with the pairs that are complete.
    """
    found = Findings([], {})
    for checkout in (before, now):
        verify_runs_itself(checkout)
    for question in questions:
        taken: list[Pair] = []
        try:
            for pair in range(1, pairs + 1):
                say(f"{question}: pair {pair} of {pairs}")
                taken.append(_pair(question, before, now, quick=quick, now_first=pair % 2 == 0))
        except BrokenBenchmark as error:
            found.broken[question] = str(error)
        except KeyboardInterrupt:
            found.broken[question] = f"interrupted after {len(taken)} pairs"
            found.rows.extend(compare(taken, numbers))
            break
        found.rows.extend(compare(taken, numbers))
    return found


def _pair(question: str, before: Checkout, now: Checkout, *, quick: bool, now_first: bool) -> Pair:
    order = (now, before) if now_first else (before, now)
    samples = {checkout.name: measure(checkout, question, quick=quick) for checkout in order}
    return Pair(samples[before.name], samples[now.name])


def comparison_table(rows: Sequence[Comparison], commit: str) -> Table:
    """One line per row: medians of both checkouts, and the ratio with its lowest and highest pair."""
    table = Table(title=f"Against {commit}: above 1 is better now", title_justify="left", show_lines=True)
    for name in ("#", "row", commit, "now", "ratio", "baseline's own"):
        table.add_column(name, justify="left" if name == "row" else "right", no_wrap=name != "row")
    for one in rows:
        table.add_row(
            str(one.row.number),
            one.row.name,
            f"{number(one.before.median)} {one.before.unit}",
            f"{number(one.now.median)} {one.now.unit}",
            _spread(one.gain),
            _spread(one.control) if one.control else "",
        )
    return table


def _spread(figure: Figure) -> str:
    return f"{figure.median:.3f}\n{figure.low:.3f} to {figure.high:.3f}"


def comparison_as_json(found: Findings, commit: str, *, quick: bool) -> bytes:
    """Every pair, for programs."""
    rows: list[Mapping[str, object]] = [
        {
            "question": one.row.number,
            "name": one.row.name,
            "unit": one.now.unit,
            "before": one.before.samples,
            "now": one.now.samples,
            "ratio": {"median": one.gain.median, "low": one.gain.low, "high": one.gain.high},
            "baselineRatio": one.control.median if one.control else None,
        }
        for one in found.rows
    ]
    report = {"against": commit, "quick": quick, "broken": found.broken, "rows": rows}
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"

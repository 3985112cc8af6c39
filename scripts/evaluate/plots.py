"""The pictures of docs/images. They need matplotlib, which the engine does not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.errors import Invalid
from domain.rulebooks.compiled import CompiledRulebook
from scripts.evaluate.example_lead import Point, watch
from scripts.evaluate.surge import BANDS, Tally

__all__ = ["plot_example", "plot_surge", "plotting"]

COLOURS = {"cold": "#dfe7ef", "warm": "#fde9c4", "hot": "#f9cfb0", "qualified": "#c9e6c8"}


def plotting() -> Any:
    """The pyplot of matplotlib, drawing to files only. Raises `Invalid` that says how to install it."""
    try:
        import_module("matplotlib").use("agg")
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise Invalid(
            "Plots need matplotlib: pip install 'lead-engine[plots]', or leave out --plot."
        ) from error


def plot_surge(folder: Path, names: Sequence[str], tallies: dict[float, list[Tally]]) -> Path:
    """False alarms per band of the first two detectors, at visits and at daily looks."""
    figure, sides = plotting().subplots(1, 2, figsize=(8, 3.2), sharey=True)
    kinds = (("at the moment of a visit", _per_visit), ("at a look once a day", _per_look))
    for side, (title, share) in zip(sides, kinds, strict=True):
        for which, name in enumerate(names[:2]):
            shares = [max(100 * share(tallies[rate][which]), 0.005) for rate in BANDS]
            side.bar([index + 0.4 * which for index in range(len(BANDS))], shares, 0.38, label=name)
        side.axhline(1, color="black", linewidth=0.8, linestyle="--")
        side.set_xticks([index + 0.2 for index in range(len(BANDS))], [f"{rate:g}" for rate in BANDS])
        side.set(yscale="log", title=f"False alarms {title}", xlabel="visits per day", ylim=(0.005, 100))
    sides[0].set_ylabel("% (dashed: 1 %)")
    sides[0].legend(fontsize=8)
    return _saved(figure, folder / "surge-false-alarms.png")


def _per_visit(tally: Tally) -> float:
    return tally.per_visit


def _per_look(tally: Tally) -> float:
    return tally.per_look


def plot_example(folder: Path, rulebook: CompiledRulebook) -> Path:
    """The example lead's score, what caps hold back, and its stages."""
    points = watch(rulebook)
    figure, axes = plotting().subplots(figsize=(8, 3.6))
    for stage, begin, end in _spells(points):
        axes.axvspan(begin, end, color=COLOURS.get(stage, "white"), linewidth=0)
        if end - begin > 2:  # noqa: PLR2004 - days; narrower, the name does not fit
            axes.text((begin + end) / 2, 95, stage, ha="center", fontsize=8)
    days = [point.day for point in points]
    axes.plot(days, [point.uncapped for point in points], "--", color="#999999", label="without caps")
    axes.plot(days, [point.score for point in points], color="#1f4e79", label="score")
    for step in rulebook.document.stages.steps[1:]:
        up = step.from_ or 0.0
        axes.axhline(up, color="#777777", linewidth=0.6)
        axes.axhline(
            up * (1 - rulebook.document.stages.hysteresis), color="#777777", linewidth=0.6, linestyle=":"
        )
    axes.set(xlabel="days", ylabel="points", xlim=(0, days[-1]), ylim=(0, 100))
    axes.set_title("A stage is entered at its solid line and left at the dotted one below it", fontsize=9)
    axes.legend(fontsize=8, loc=(0.83, 0.7))
    return _saved(figure, folder / "example-lead.png")


def _spells(points: Sequence[Point]) -> list[tuple[str, float, float]]:
    """Each stage in turn, from when to when."""
    changes = [points[0], *(after for before, after in pairwise(points) if after.stage != before.stage)]
    ends = [*(point.day for point in changes[1:]), points[-1].day]
    return [(point.stage, point.day, end) for point, end in zip(changes, ends, strict=True)]


def _saved(figure: Any, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path

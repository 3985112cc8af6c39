"""Paired samples of two checkouts and their ratios. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from scripts.bench.against.measurement import RowKey, Sample
from scripts.bench.report.figures import Figure

__all__ = ["Comparison", "Pair", "compare"]


class Pair(Struct, frozen=True):
    """The samples of both checkouts, taken one after the other, by row."""

    before: Mapping[RowKey, Sample]
    now: Mapping[RowKey, Sample]


class Comparison(Struct, frozen=True):
    """One row in both checkouts.

    `gain` is above 1 where it is better now: more of what is counted per second, less of time, memory and the like.
    `control` is the same ratio of the baselines, which measure no engine: how much the machine differed between the two.
    """

    row: RowKey
    before: Figure
    now: Figure
    gain: Figure
    control: Figure | None


def compare(pairs: Sequence[Pair], numbers: Collection[int] = ()) -> list[Comparison]:
    """The rows that every pair has in both checkouts, in their order; of these numbers only, if any are given."""
    if not pairs:
        return []
    shared = [row for row in pairs[0].now if all(row in pair.before and row in pair.now for pair in pairs)]
    return [_compared(row, pairs) for row in shared if not numbers or row.number in numbers]


def _compared(row: RowKey, pairs: Sequence[Pair]) -> Comparison:
    before, now = [pair.before[row] for pair in pairs], [pair.now[row] for pair in pairs]
    unit = now[0].unit
    bases = [
        (old.baseline, new.baseline)
        for old, new in zip(before, now, strict=True)
        if old.baseline is not None and new.baseline is not None
    ]
    return Comparison(
        row=row,
        before=Figure(unit, tuple(one.measured for one in before)),
        now=Figure(unit, tuple(one.measured for one in now)),
        gain=_gain(unit, [(old.measured, new.measured) for old, new in zip(before, now, strict=True)]),
        control=_gain(unit, bases) if len(bases) == len(pairs) else None,
    )


def _gain(unit: str, samples: Sequence[tuple[float, float]]) -> Figure:
    """How many times as good, pair by pair."""
    more_is_better = unit.endswith("/s")
    return Figure("x", tuple(now / before if more_is_better else before / now for before, now in samples))

"""The backtest: what a model of each past month would have said, beside what became of the leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from domain.decisions.goal import WIN, Goal
from domain.instant import Millis, from_datetime, to_datetime
from domain.prediction.report import HeldOut, evaluate
from engine.runtime import Runtime
from workflows.prediction.landmarks import read_landmarks
from workflows.prediction.train import learn_from, probabilities

__all__ = ["Backtest", "backtest"]

_DECEMBER = 12
_LEAST = 40
_NOT_MATURED = 4
"""Months that are looked at in vain, because their leads may still be won."""


class Backtest(NamedTuple):
    """A month: the landmarks that were learnt from, and the figures of that month's leads; else why there are none."""

    at: Millis
    landmarks: int
    found: HeldOut | None
    reason: str = ""


async def backtest(
    runtime: Runtime,
    goal: Goal = WIN,
    months: int = 12,
    on_progress: Callable[[int, int], None] = lambda _leads, _landmarks: None,
) -> list[Backtest]:
    """Train on what had matured at the beginning of each month, and test on the landmarks of that month. Oldest first.

    Months whose leads have not matured yet are left out.
    """
    table, _ = await read_landmarks(runtime, goal, runtime.rulebook, runtime.now(), on_progress)
    found = []
    for start, end in _months(runtime.now(), months):
        learnt = [row for row, at in enumerate(table.at) if at + goal.horizon <= start]
        tested = [row for row, at in enumerate(table.at) if start <= at < end]
        if not tested:
            continue
        wins = sum(table.reached[row] for row in learnt)
        if min(wins, len(learnt) - wins) < _LEAST:
            reason = f"too little data: {wins} won and {len(learnt) - wins} not"
            found.append(Backtest(start, len(learnt), None, reason))
            continue
        predicted = probabilities(table, learn_from(table, learnt), tested)
        reached = [bool(table.reached[row]) for row in tested]
        figures = evaluate(predicted, reached, [table.scores[row] for row in tested])
        found.append(Backtest(start, len(learnt), figures))
    return found


def _months(now: Millis, count: int) -> list[tuple[Millis, Millis]]:
    """The beginning and end of so many months, the oldest first."""
    today = to_datetime(now)
    start = datetime(today.year, today.month, 1, tzinfo=today.tzinfo)
    found: list[tuple[Millis, Millis]] = []
    for _ in range(count + _NOT_MATURED):
        end = start
        year, month = (start.year - 1, _DECEMBER) if start.month == 1 else (start.year, start.month - 1)
        start = start.replace(year=year, month=month)
        found.append((from_datetime(start), from_datetime(end)))
    return found[::-1]

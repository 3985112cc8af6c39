"""How well predictions hold on leads that were not learnt from: ranking, calibration, reliability.

AUC by ranks (Hanley and McNeil 1982), the Brier score (Brier 1950) and its skill over the base rate, expected over observed,
calibration slope (Cox 1958), expected calibration error over ten equal groups (Naeini et al. 2015), Wilson's interval (1927).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, log, sqrt

from msgspec import Struct

__all__ = ["Group", "HeldOut", "auc", "calibration_slope", "evaluate", "logistic_scaling", "wilson"]

GROUPS = 10
_Z = 1.959964
"""Of the normal distribution, for 95 %."""
_STEPS = 25
_SMALLEST = 1e-9


class Group(Struct, frozen=True, rename="camel"):
    """Landmarks with like predictions, up to the probability `up_to`: how many, and how many reached the goal."""

    up_to: float
    predicted: float
    landmarks: int
    wins: int
    low: float
    high: float
    """The interval (95 %) of the share that reaches the goal."""


class HeldOut(Struct, frozen=True, rename="camel"):
    """The figures of predictions beside what became of the leads."""

    landmarks: int = 0
    wins: int = 0
    auc: float = 0.5
    score_auc: float = 0.5
    """Of the rulebook's score on the same landmarks."""
    brier: float = 0.0
    brier_skill: float = 0.0
    """1 - Brier score / that of the base rate; above 0 it knows more than the base rate."""
    expected_over_observed: float = 0.0
    slope: float = 0.0
    calibration_error: float = 0.0
    top_tenth_lift: float = 0.0
    reliability: tuple[Group, ...] = ()


def evaluate(
    predicted: Sequence[float], reached: Sequence[bool], scores: Sequence[float] | None = None
) -> HeldOut:
    """The figures of these predictions; `scores` are the rulebook's for the same leads."""
    count, wins = len(reached), sum(reached)
    if wins in {0, count}:
        return HeldOut(count, wins)
    rate = wins / count
    brier = fsum((p - y) ** 2 for p, y in zip(predicted, reached, strict=True)) / count
    groups = _groups(predicted, reached)
    top = sorted(zip(predicted, reached, strict=True), key=lambda one: -one[0])[: max(count // 10, 1)]
    return HeldOut(
        landmarks=count,
        wins=wins,
        auc=auc(predicted, reached),
        score_auc=0.5 if scores is None else auc(scores, reached),
        brier=brier,
        brier_skill=1 - brier / (rate * (1 - rate)),
        expected_over_observed=fsum(predicted) / wins,
        slope=calibration_slope(predicted, reached),
        calibration_error=fsum(abs(one.predicted * one.landmarks - one.wins) for one in groups) / count,
        top_tenth_lift=sum(y for _, y in top) / len(top) / rate,
        reliability=groups,
    )


def auc(scores: Sequence[float], reached: Sequence[bool]) -> float:
    """The chance that one that reached the goal has more than one that did not; equal ones count half."""
    wins = sum(reached)
    losses = len(reached) - wins
    if not wins or not losses:
        return 0.5
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks, start = 0.0, 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        rank = (start + end + 1) / 2
        ranks += rank * sum(reached[index] for index in order[start:end])
        start = end
    return (ranks - wins * (wins + 1) / 2) / (wins * losses)


def wilson(wins: int, count: int) -> tuple[float, float]:
    """The interval (95 %) of a share of which `wins` of `count` were seen."""
    if not count:
        return 0.0, 1.0
    share, z2 = wins / count, _Z * _Z
    middle = share + z2 / (2 * count)
    spread = _Z * sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return max((middle - spread) / (1 + z2 / count), 0.0), min((middle + spread) / (1 + z2 / count), 1.0)


def calibration_slope(predicted: Sequence[float], reached: Sequence[bool]) -> float:
    """The slope of the outcome on the log-odds of the prediction: 1 if it is neither too bold nor too timid."""
    return logistic_scaling([_log_odds(p) for p in predicted], reached)[1]


def logistic_scaling(log_odds: Sequence[float], reached: Sequence[bool]) -> tuple[float, float]:
    """`shift` and `scale` of the log-odds that fit the outcome best, by Newton's method."""
    shift, scale = 0.0, 1.0
    for _ in range(_STEPS):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for x, y in zip(log_odds, reached, strict=True):
            p = 1 / (1 + exp(-max(min(shift + scale * x, 30.0), -30.0)))
            w = p * (1 - p)
            g0, g1 = g0 + y - p, g1 + (y - p) * x
            h00, h01, h11 = h00 + w, h01 + w * x, h11 + w * x * x
        determinant = h00 * h11 - h01 * h01
        if determinant < _SMALLEST:
            return shift, scale
        down, across = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        shift, scale = shift + down, scale + across
        if abs(down) + abs(across) < _SMALLEST:
            break
    return shift, scale


def _log_odds(p: float) -> float:
    p = min(max(p, _SMALLEST), 1 - _SMALLEST)
    return log(p / (1 - p))


def _groups(predicted: Sequence[float], reached: Sequence[bool]) -> tuple[Group, ...]:
    """Ten groups of as many landmarks each, in the order of their predictions; equal predictions stay together."""
    order = sorted(range(len(predicted)), key=predicted.__getitem__)
    found: list[Group] = []
    start = 0
    for number in range(1, GROUPS + 1):
        end = len(order) * number // GROUPS
        while start < end < len(order) and predicted[order[end]] == predicted[order[end - 1]]:
            end += 1
        some = order[start:end]
        if not some:
            continue
        wins = sum(reached[index] for index in some)
        low, high = wilson(wins, len(some))
        mean = fsum(predicted[index] for index in some) / len(some)
        found.append(Group(predicted[some[-1]], mean, len(some), wins, low, high))
        start = end
    return tuple(found)

"""The ranking of leads by score under two rulebooks, at past landmarks, beside what then became of them.

AUC with its paired difference by DeLong, DeLong and Clarke-Pearson (1988), with the landmarks of one lead as one cluster
(Obuchowski 1997); the lift is the share of those that reach the goal in the top tenth over that among all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import fsum, sqrt

from msgspec import Struct

from domain.prediction.landmark import LandmarkScores

__all__ = ["Ranking", "rank_leads"]

_Z = 1.959964
_LEAST = 10
"""Landmarks that reached the goal, and that did not, below which nothing is said."""


class Ranking(Struct, frozen=True, rename="camel"):
    """How well the scores rank under both rulebooks; `interval` (95 %) is that of `auc_then` - `auc_now`."""

    leads: int
    landmarks: int
    reached: int
    auc_now: float
    auc_then: float
    interval: tuple[float, float]
    lift_now: float
    lift_then: float


def rank_leads(leads: Sequence[Sequence[LandmarkScores]]) -> Ranking | None:
    """The ranking over the landmarks of these leads, given lead by lead; None if too few reached the goal, or did not."""
    clusters = [one for one in leads if one]
    landmarks = [one for cluster in clusters for one in cluster]
    reached = sum(one.reached for one in landmarks)
    if min(reached, len(landmarks) - reached) < _LEAST:
        return None
    auc_now, parts_now = _auc(clusters, [one.now for one in landmarks])
    auc_then, parts_then = _auc(clusters, [one.then for one in landmarks])
    count = len(clusters)
    variance = (
        fsum((b - a) ** 2 for a, b in zip(parts_now, parts_then, strict=True)) * count / max(count - 1, 1)
    )
    spread = _Z * sqrt(variance)
    difference = auc_then - auc_now
    return Ranking(
        leads=count,
        landmarks=len(landmarks),
        reached=reached,
        auc_now=auc_now,
        auc_then=auc_then,
        interval=(max(difference - spread, -1.0), min(difference + spread, 1.0)),
        lift_now=_lift([(one.now, one.reached) for one in landmarks]),
        lift_then=_lift([(one.then, one.reached) for one in landmarks]),
    )


def _auc(clusters: Sequence[Sequence[LandmarkScores]], scores: Sequence[float]) -> tuple[float, list[float]]:
    """The AUC, and how much each cluster makes it differ: the sums of its structural components."""
    flags = [one.reached for cluster in clusters for one in cluster]
    won = sorted(score for score, reached in zip(scores, flags, strict=True) if reached)
    lost = sorted(score for score, reached in zip(scores, flags, strict=True) if not reached)
    placed = [
        _share_below(lost, score) if reached else 1 - _share_below(won, score)
        for score, reached in zip(scores, flags, strict=True)
    ]
    auc = fsum(place for place, reached in zip(placed, flags, strict=True) if reached) / len(won)
    parts, index = [], 0
    for cluster in clusters:
        part = 0.0
        for one in cluster:
            part += (placed[index] - auc) / (len(won) if one.reached else len(lost))
            index += 1
        parts.append(part)
    return auc, parts


def _share_below(ordered: Sequence[float], score: float) -> float:
    """The share of these that are less, equal ones counted half."""
    return (bisect_left(ordered, score) + bisect_right(ordered, score)) / 2 / len(ordered)


def _lift(scored: Sequence[tuple[float, bool]]) -> float:
    """Of the top tenth; where scores are equal at its border, as many as there is room for, on average."""
    ordered = sorted((score for score, _ in scored), reverse=True)
    room = max(len(ordered) // 10, 1)
    border = ordered[room - 1]
    above = [reached for score, reached in scored if score > border]
    at = [reached for score, reached in scored if score == border]
    top = sum(above) + (room - len(above)) * sum(at) / len(at)
    return top / room / (sum(reached for _, reached in scored) / len(scored))

"""The prediction model: a table of log-odds by feature, read by adding up one number per feature.

log-odds = shift + scale x (base + sum of the weights of the lead's bins)

`shift` and `scale` recalibrate what was learnt on later leads (Platt 2000). Weights are centred: over the training set each
term has the mean 0, so that `base` is the average lead, and a part is what a feature adds to it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from math import exp, fsum
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from domain.decisions.goal import Goal
from domain.instant import Millis
from domain.prediction.features import Features, FeatureValue
from domain.prediction.report import HeldOut

__all__ = [
    "LeadPrediction",
    "LevelTerm",
    "Model",
    "NumberTerm",
    "Part",
    "Prediction",
    "Term",
    "interval_of",
    "predict",
    "probability_of",
]


class NumberTerm(Struct, frozen=True, rename="camel", tag_field="kind", tag="number"):
    """Weights by bins of a number: bin i is below edge i, the last one from the last edge on.

    `shares` are those of the landmarks of the training: not known, then bin by bin.
    """

    feature: str
    edges: tuple[float, ...]
    weights: tuple[float, ...]
    unknown: float
    shares: tuple[float, ...] = ()

    def weight(self, value: FeatureValue | None) -> float:
        """The log-odds that a value adds."""
        if value is None or isinstance(value, str):
            return self.unknown
        return self.weights[bisect_right(self.edges, value)]


class LevelTerm(Struct, frozen=True, rename="camel", tag_field="kind", tag="level"):
    """Weights by level; rare levels share `other`.

    `shares` are those of the landmarks of the training: not known, rare ones, then level by level.
    """

    feature: str
    levels: dict[str, float]
    other: float
    unknown: float
    shares: tuple[float, ...] = ()

    def weight(self, value: FeatureValue | None) -> float:
        """The log-odds that a value adds."""
        if not isinstance(value, str):
            return self.unknown
        return self.levels.get(value, self.other)


Term = NumberTerm | LevelTerm


class Model(Struct, frozen=True, rename="camel", kw_only=True, dict=True):
    """An immutable model, and how it was made. `position` is that of the newest event that it has learnt from."""

    format: int = 1
    goal: Goal
    version: int
    rulebook: str
    features: str
    known_at: Millis
    position: int
    backfilled: bool
    """Whether it has learnt from imported history, by when it occurred."""
    base: float
    shift: float
    scale: float
    terms: tuple[Term, ...]
    labels: dict[str, str]
    """Words for scoring rules and attributes, by id."""
    held_out: HeldOut
    landmarks: int
    wins: int
    trained_with: dict[str, str]

    @property
    def label(self) -> str:
        """`name@version`."""
        return f"{self.goal.name}@{self.version}"

    @cached_property
    def table(self) -> Table:
        """Its terms as they are looked up, made once."""
        return _table(self)


class Part(Struct, frozen=True, gc=False):
    """What one feature adds to the log-odds of a lead."""

    feature: str
    value: FeatureValue | None
    log_odds: float


class Prediction(Struct, frozen=True):
    """A probability with its interval (95 %); `base` and the parts sum to its log-odds, by `math.fsum`."""

    probability: float
    interval: tuple[float, float]
    base: float
    parts: tuple[Part, ...]


class LeadPrediction(Struct, frozen=True):
    """What a model says of a lead."""

    model: Model
    prediction: Prediction


def predict(model: Model, features: Features) -> Prediction:
    """The probability that a lead with these features reaches the goal, largest part first."""
    numbers, levels, unknown, base = model.table
    rows: list[_Row] = [row for row in unknown if row[1] not in features]
    add = rows.append
    for name, value in features.items():
        if (number := numbers.get(name)) is not None:
            edges, weights, given = number
            if not isinstance(value, str):
                given = weights[bisect_right(edges, value)]
        elif (level := levels.get(name)) is not None:
            by_level, other, given = level
            if isinstance(value, str):
                given = by_level.get(value, other)
        else:
            continue
        add((given if given < 0 else -given, name, Part(name, value, given)))
    rows.sort()  # names differ, so that no two parts are compared
    parts = tuple([part for _, _, part in rows])
    probability = probability_of(fsum([base, *[part.log_odds for part in parts]]))
    return Prediction(probability, interval_of(model.held_out, probability), base, parts)


_UP_TO = attrgetter("up_to")
_Row: TypeAlias = tuple[float, str, Part]
"""A part behind what it is sorted by: its size, the largest first, and its name."""


class Table(NamedTuple):
    """The terms of a model by feature, with weights that are scaled: edges or levels, the rest, and what is not known."""

    numbers: dict[str, tuple[tuple[float, ...], tuple[float, ...], float]]
    levels: dict[str, tuple[dict[str, float], float, float]]
    unknown: tuple[_Row, ...]
    """The part of each term where its feature is not known, in order: most features of most leads are not."""
    base: float


def _table(model: Model) -> Table:
    scale = model.scale
    numbers = {
        term.feature: (term.edges, tuple(scale * one for one in term.weights), scale * term.unknown)
        for term in model.terms
        if isinstance(term, NumberTerm)
    }
    levels = {
        term.feature: (
            {level: scale * one for level, one in term.levels.items()},
            scale * term.other,
            scale * term.unknown,
        )
        for term in model.terms
        if isinstance(term, LevelTerm)
    }
    parts = [Part(term.feature, None, scale * term.unknown) for term in model.terms]
    unknown = tuple(sorted((-abs(part.log_odds), part.feature, part) for part in parts))
    return Table(numbers, levels, unknown, model.shift + scale * model.base)


def probability_of(log_odds: float) -> float:
    """The probability that these log-odds stand for, without an overflow."""
    if log_odds >= 0:
        return 1.0 / (1.0 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1.0 + odds)


def interval_of(held_out: HeldOut, probability: float) -> tuple[float, float]:
    """Between what shares of the leads that looked alike have reached the goal: of the group with like predictions.

    Wilson's interval (1927) of the group of the held-out landmarks that the probability falls into, widened to hold the
    probability itself.
    """
    groups = held_out.reliability
    if not groups:
        return 0.0, 1.0
    group = groups[bisect_right(groups, probability, hi=len(groups) - 1, key=_UP_TO)]
    return min(group.low, probability), max(group.high, probability)

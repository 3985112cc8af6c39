"""Drift: how far the leads of today, and how they end, have come from what a model was trained on.

Expected over observed of the landmarks that have matured since the model was activated, and the population stability index
(Siddiqi 2006), the sum of (share now - share then) ln(share now / share then) over bins, of predictions and of features.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import fsum, log

from msgspec import Struct

from domain.instant import Millis
from domain.prediction.features import Features
from domain.prediction.model import LevelTerm, Model, Term, predict

__all__ = ["MOST_SHIFT", "Drift", "Shift", "Shifts", "shift_of"]

MOST_SHIFT = 0.25
"""A stability index above this is a shift by the usual reading."""
_LEAST_OVER, _MOST_OVER = 0.7, 1.4
_LEAST_WINS = 20
"""Expected or observed, before their ratio is looked at."""
_LEAST_LEADS = 200
"""Before a shift is looked at: with fewer, chance alone moves the index."""
_HALF = 0.5


class Shift(Struct, frozen=True, rename="camel"):
    """The stability index of a feature."""

    feature: str
    index: float


class Drift(Struct, frozen=True, rename="camel", kw_only=True):
    """What was seen of an active model: `expected` and `reached` of the landmarks since its activation that have matured.

    `shift` is the index of its predictions over `leads` open leads, and `features` those of the features that have moved
    most; None and empty if there were too few leads.
    """

    model: str
    at: Millis
    landmarks: int = 0
    expected: float = 0.0
    reached: int = 0
    leads: int = 0
    shift: float | None = None
    features: tuple[Shift, ...] = ()

    @property
    def expected_over_observed(self) -> float | None:
        """The ratio; None while too few have matured to say."""
        if max(self.expected, self.reached) < _LEAST_WINS:
            return None
        return self.expected / max(self.reached, _HALF)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What calls for a look, in words."""
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[str]:
        ratio = self.expected_over_observed
        if ratio is not None and not _LEAST_OVER <= ratio <= _MOST_OVER:
            yield f"it expected {ratio:.2f} times what happened, on {self.landmarks} landmarks since it was activated"
        if self.shift is not None and self.shift > MOST_SHIFT:
            yield f"its predictions have moved: stability index {self.shift:.2f}"
        for one in self.features:
            if one.index > MOST_SHIFT:
                yield f"leads have changed in '{one.feature}': stability index {one.index:.2f}"


class Shifts:
    """Counts of leads by bin, of predictions and of each feature, to be compared with those of the training."""

    _MOST_FEATURES = 10

    def __init__(self, model: Model) -> None:
        self._model = model
        self._groups = [0] * len(model.held_out.reliability)
        self._terms = [term for term in model.terms if term.shares]
        self._bins = [[0] * len(term.shares) for term in self._terms]
        self.leads = 0

    def add(self, features: Features) -> None:
        """Count one lead."""
        self.leads += 1
        if self._groups:
            edges = [one.up_to for one in self._model.held_out.reliability[:-1]]
            self._groups[bisect_right(edges, predict(self._model, features).probability)] += 1
        for term, counts in zip(self._terms, self._bins, strict=True):
            counts[_bin(term, features)] += 1

    def seen(self) -> tuple[float | None, tuple[Shift, ...]]:
        """The index of predictions, and those of the features that have moved most; nothing for too few leads."""
        if self.leads < _LEAST_LEADS:
            return None, ()
        groups = self._model.held_out.reliability
        total = sum(one.landmarks for one in groups)
        then = [one.landmarks / total for one in groups]
        found = [
            Shift(term.feature, shift_of(counts, term.shares))
            for term, counts in zip(self._terms, self._bins, strict=True)
        ]
        found.sort(key=lambda one: (-one.index, one.feature))
        return shift_of(self._groups, then) if groups else None, tuple(found[: self._MOST_FEATURES])


def shift_of(counts: Sequence[int], then: Sequence[float]) -> float:
    """The stability index of counts by bin against the shares of then; half a lead stands for none."""
    total = sum(counts)
    least = _HALF / max(total, 1)
    pairs = [
        (max(count / total, least), max(share, least)) for count, share in zip(counts, then, strict=True)
    ]
    return fsum((now - before) * log(now / before) for now, before in pairs)


def _bin(term: Term, features: Features) -> int:
    value = features.get(term.feature)
    if isinstance(term, LevelTerm):
        if not isinstance(value, str):
            return 0
        return list(term.levels).index(value) + 2 if value in term.levels else 1
    return 0 if value is None or isinstance(value, str) else bisect_right(term.edges, value) + 1

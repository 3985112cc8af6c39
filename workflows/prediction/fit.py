"""The fit of the additive model: penalised logistic regression over bins, by Newton's method.

Minimises sum of w (log(1 + e^f) - y f) + ridge / 2 |weights|^2 + smooth / 2 sum (weight of a bin - weight of the next)^2, where f is
the prior plus one weight per feature. The Hessian is made of histograms of pairs of features, so that 300,000 landmarks
need neither a wide matrix nor a gigabyte. Needs numpy, which the extra `prediction` installs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from domain.prediction.features import SCORE
from domain.prediction.model import LevelTerm, NumberTerm, Term
from domain.prediction.report import logistic_scaling
from workflows.prediction.table import LandmarkTable

__all__ = ["Fitted", "fit", "log_odds_of"]

_BINS = 8
_LEAST_ROWS = 25
"""Rows of a bin or level of its own."""
_MOST_LEVELS = 30
_RIDGE, _SMOOTH = 4.0, 4.0
_STEPS = 30
_ENOUGH = 1e-7
_ENOUGH_FOR_PRIOR = 20_000
Array = Any


class Fitted(NamedTuple):
    """The base and the terms, before they are recalibrated."""

    base: float
    terms: tuple[Term, ...]


class _Column(NamedTuple):
    """A feature in bins: the bin of each row, 0 for what is not known."""

    name: str
    bins: Array
    size: int
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] | None = None
    prior: Array = None
    """Log-odds by bin that the rulebook's score implies."""


def fit(table: LandmarkTable, rows: Sequence[int]) -> Fitted:
    """Learn from these rows. The same rows give the same bits with the same version of numpy."""
    chosen = np.asarray(rows)
    reached = np.frombuffer(table.reached, dtype=np.int8)[chosen].astype(float)
    columns = [_numbers(name, np.frombuffer(table.numbers[name])[chosen]) for name in sorted(table.numbers)]
    columns += [
        _levels(name, np.frombuffer(table.levels[name], dtype=np.int32)[chosen], table.names[name])
        for name in sorted(table.levels)
    ]
    columns = [column for column in columns if column.size > 1]
    columns = [
        _with_prior(column, table, chosen, reached) if column.name == SCORE else column for column in columns
    ]
    base, weights = _newton(columns, reached)
    terms: list[Term] = []
    for column, found in zip(columns, weights, strict=True):
        total = found if column.prior is None else found + column.prior
        mean = float((np.bincount(column.bins, minlength=column.size) @ total) / len(chosen))
        base += mean
        shares = np.bincount(column.bins, minlength=column.size) / len(chosen)
        terms.append(_term(column, total - mean, shares))
    return Fitted(float(base), tuple(terms))


def log_odds_of(table: LandmarkTable, terms: Sequence[Term], rows: Sequence[int]) -> Array:
    """The sum of the weights of these rows, without the base: what `predict` sums up for one lead."""
    chosen = np.asarray(rows, dtype=np.int64)
    found = np.zeros(len(chosen))
    for term in terms:
        if isinstance(term, LevelTerm):
            found += _weights_of_levels(table, term)[_level_numbers(table, term.feature, chosen)]
        elif term.feature in table.numbers:
            values = np.frombuffer(table.numbers[term.feature])[chosen]
            weights = np.asarray(term.weights)[
                np.searchsorted(term.edges, values, side="right").clip(max=len(term.weights) - 1)
            ]
            found += np.where(np.isnan(values), term.unknown, weights)
        else:
            found += term.unknown
    return found


def _level_numbers(table: LandmarkTable, feature: str, chosen: Array) -> Array:
    if feature not in table.levels:
        return np.zeros(len(chosen), dtype=np.int64)
    return np.frombuffer(table.levels[feature], dtype=np.int32)[chosen]


def _weights_of_levels(table: LandmarkTable, term: LevelTerm) -> Array:
    """The weight of each level by its number in the table; 0 is for what is not known."""
    names = table.names.get(term.feature, {})
    return np.asarray([term.unknown, *(term.weight(name) for name in names)])


def _numbers(name: str, values: Array) -> _Column:
    """Bins of about as many rows each, between values that occur."""
    known = values[~np.isnan(values)]
    edges: tuple[float, ...] = ()
    if len(known) >= 2 * _LEAST_ROWS:
        parts = min(_BINS, len(known) // _LEAST_ROWS)
        cuts = np.quantile(known, np.arange(1, parts) / parts, method="lower")
        edges = tuple(float(edge) for edge in np.unique(cuts) if edge > known.min())
    bins = np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="right") + 1)
    return _Column(name, bins.astype(np.int16), len(edges) + 2 if len(known) else 1, edges=edges)


def _levels(name: str, values: Array, names: dict[str, int]) -> _Column:
    """A bin per frequent level; 1 is for all others."""
    counts = np.bincount(values, minlength=len(names) + 1)
    frequent = sorted(
        (level for level in names if counts[names[level]] >= _LEAST_ROWS),
        key=lambda one: (-counts[names[one]], one),
    )
    frequent = frequent[:_MOST_LEVELS]
    place = np.zeros(len(names) + 1, dtype=np.int16)
    place[1:] = 1
    for number, level in enumerate(frequent):
        place[names[level]] = number + 2
    return _Column(name, place[values], len(frequent) + 2, levels=tuple(frequent))


def _with_prior(column: _Column, table: LandmarkTable, chosen: Array, reached: Array) -> _Column:
    """What the score alone says, as a straight line in log-odds: the model learns what differs from it."""
    scores = np.frombuffer(table.scores)[chosen]
    some = slice(None, None, max(len(chosen) // _ENOUGH_FOR_PRIOR, 1))
    _, scale = logistic_scaling((scores[some] / 100).tolist(), reached[some].astype(bool).tolist())
    sums = np.bincount(column.bins, weights=scores, minlength=column.size)
    counts = np.maximum(np.bincount(column.bins, minlength=column.size), 1)
    return column._replace(prior=scale * (sums / counts) / 100)


def _newton(columns: Sequence[_Column], reached: Array) -> tuple[float, list[Array]]:
    """The base and the weights of each column."""
    starts = np.cumsum([1] + [column.size for column in columns])
    size = int(starts[-1])
    penalty = _penalty(columns, starts, size)
    offset = np.zeros(len(reached))
    for column in columns:
        if column.prior is not None:
            offset += column.prior[column.bins]
    weights = np.zeros(size)
    rate = np.clip(reached.mean(), 1e-6, 1 - 1e-6)
    weights[0] = np.log(rate / (1 - rate)) - offset.mean()
    loss = _loss(columns, starts, offset, reached, weights) + weights @ penalty @ weights / 2
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-_log_odds(columns, starts, offset, weights)))
        gradient = _sums(columns, starts, size, reached - p) - penalty @ weights
        move = np.linalg.solve(_hessian(columns, starts, size, p * (1 - p)) + penalty, gradient)
        while np.abs(move).max() > _ENOUGH:  # a whole step may overshoot where nearly all are certain
            tried = weights + move
            after = _loss(columns, starts, offset, reached, tried) + tried @ penalty @ tried / 2
            if after <= loss:
                weights, loss = tried, after
                break
            move = move / 2
        else:
            break
    return float(weights[0]), [
        weights[start : start + column.size] for start, column in zip(starts, columns, strict=False)
    ]


def _log_odds(columns: Sequence[_Column], starts: Array, offset: Array, weights: Array) -> Array:
    found = weights[0] + offset
    for start, column in zip(starts, columns, strict=False):
        found = found + weights[start : start + column.size][column.bins]
    return found


def _loss(columns: Sequence[_Column], starts: Array, offset: Array, reached: Array, weights: Array) -> float:
    f = _log_odds(columns, starts, offset, weights)
    return float(np.logaddexp(0, f).sum() - reached @ f)


def _penalty(columns: Sequence[_Column], starts: Array, size: int) -> Array:
    penalty = np.eye(size) * _RIDGE
    penalty[0, 0] = 1e-9
    for start, column in zip(starts, columns, strict=False):
        for bin_ in range(start + 1, start + column.size - 1):
            if column.edges:
                penalty[bin_, bin_] += _SMOOTH
                penalty[bin_ + 1, bin_ + 1] += _SMOOTH
                penalty[bin_, bin_ + 1] -= _SMOOTH
                penalty[bin_ + 1, bin_] -= _SMOOTH
    return penalty


def _sums(columns: Sequence[_Column], starts: Array, size: int, values: Array) -> Array:
    found = np.zeros(size)
    found[0] = values.sum()
    for start, column in zip(starts, columns, strict=False):
        found[start : start + column.size] = np.bincount(column.bins, weights=values, minlength=column.size)
    return found


def _hessian(columns: Sequence[_Column], starts: Array, size: int, w: Array) -> Array:
    found = np.zeros((size, size))
    found[0, :] = found[:, 0] = _sums(columns, starts, size, w)
    for number, (start, column) in enumerate(zip(starts, columns, strict=False)):
        own = slice(start, start + column.size)
        found[own, own] = np.diag(found[0, own])
        for other_start, other in zip(starts[number + 1 :], columns[number + 1 :], strict=False):
            pairs = np.bincount(
                column.bins * other.size + other.bins, weights=w, minlength=column.size * other.size
            ).reshape(column.size, other.size)
            theirs = slice(other_start, other_start + other.size)
            found[own, theirs] = pairs
            found[theirs, own] = pairs.T
    return found


def _term(column: _Column, weights: Array, shares: Array) -> Term:
    values, seen = [float(one) for one in weights], tuple(float(one) for one in shares)
    if column.levels is not None:
        levels = dict(zip(column.levels, values[2:], strict=True))
        return LevelTerm(column.name, levels, values[1], values[0], seen)
    return NumberTerm(column.name, column.edges, tuple(values[1:]), values[0], seen)

"""Learners on the same landmarks and features: the engine's model, logistic regression, gradient boosting."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from domain.prediction.report import HeldOut, evaluate
from scripts.evaluate.logistic import probabilities_after
from scripts.evaluate.measures import Floats
from workflows.prediction.table import LandmarkTable
from workflows.prediction.train import learn_from, probabilities

__all__ = ["by_boosting", "by_logistic", "by_model"]


def by_model(table: LandmarkTable, learnt: Sequence[int], test: Sequence[int]) -> HeldOut:
    """The figures of the engine's model, learnt from some rows, on others."""
    predicted = probabilities(table, learn_from(table, learnt), test)
    return evaluate(predicted, _reached(table, test), [table.scores[row] for row in test])


def by_logistic(table: LandmarkTable, learnt: Sequence[int], test: Sequence[int]) -> HeldOut:
    """The figures of logistic regression: numbers as they are, what is not known and each level as a column of its own."""
    columns: list[Floats] = []
    for _, numbers in sorted(table.numbers.items()):
        values = np.frombuffer(numbers)
        unknown = np.isnan(values)
        columns += [np.where(unknown, 0.0, values), unknown.astype(float)]
    for name, levels in sorted(table.levels.items()):
        known = np.frombuffer(levels, dtype=np.int32)
        columns += [(known == number).astype(float) for number in range(len(table.names[name]) + 1)]
    inputs = np.column_stack(columns)
    labels = np.frombuffer(table.reached, dtype=np.int8).astype(float)
    predicted = probabilities_after(inputs[learnt], labels[learnt], inputs[test])
    return evaluate(predicted.tolist(), _reached(table, test))


def by_boosting(table: LandmarkTable, learnt: Sequence[int], test: Sequence[int]) -> HeldOut | None:
    """The figures of gradient boosting; None where scikit-learn is not installed."""
    try:
        ensemble: Any = import_module("sklearn.ensemble")
    except ModuleNotFoundError:
        return None
    columns = [np.frombuffer(column) for _, column in sorted(table.numbers.items())]
    columns += [
        np.frombuffer(column, dtype=np.int32).astype(float) for _, column in sorted(table.levels.items())
    ]
    inputs = np.column_stack(columns)
    labels = np.frombuffer(table.reached, dtype=np.int8)
    model: Any = ensemble.HistGradientBoostingClassifier(random_state=7).fit(inputs[learnt], labels[learnt])
    return evaluate(model.predict_proba(inputs[test])[:, 1].tolist(), _reached(table, test))


def _reached(table: LandmarkTable, rows: Sequence[int]) -> list[bool]:
    return [bool(table.reached[row]) for row in rows]

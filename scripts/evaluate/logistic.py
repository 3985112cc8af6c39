"""Logistic regression with a ridge, by Newton's method: the ceiling that a hand-written score is compared with."""

from __future__ import annotations

import numpy as np

from scripts.evaluate.measures import Floats

__all__ = ["out_of_fold", "probabilities_after"]

RIDGE = 1.0
STEPS = 30


def out_of_fold(inputs: Floats, labels: Floats, *, folds: int = 5, seed: int = 7) -> Floats:
    """For each row the probability by a model that was fitted without it. `inputs` has one row per lead."""
    fold = np.random.default_rng(seed).permutation(len(labels)) % folds
    result = np.zeros(len(labels))
    for one in range(folds):
        train = fold != one
        result[~train] = probabilities_after(inputs[train], labels[train], inputs[~train])
    return result


def probabilities_after(inputs: Floats, labels: Floats, others: Floats) -> Floats:
    """The probabilities of other rows by a model that was fitted to these."""
    center, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    weights = _fit(_with_one((inputs - center) / spread), labels)
    return _probability(_with_one((others - center) / spread), weights)


def _with_one(inputs: Floats) -> Floats:
    return np.column_stack([np.ones(len(inputs)), inputs])


def _probability(inputs: Floats, weights: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))


def _fit(inputs: Floats, labels: Floats) -> Floats:
    """The weights with the highest likelihood less the ridge; the first one, the constant, is free of it."""
    ridge = np.full(inputs.shape[1], RIDGE)
    ridge[0] = 1e-6
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        said = _probability(inputs, weights)
        slope = inputs.T @ (labels - said) - ridge * weights
        bend = (inputs * (said * (1 - said))[:, None]).T @ inputs + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 - it has settled
            break
    return weights

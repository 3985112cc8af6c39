"""How well a score ranks: ROC-AUC and lift, with ties treated as ties."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

__all__ = ["Floats", "roc_auc", "top_decile_lift"]

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def roc_auc(scores: Floats, labels: Floats) -> float:
    """The chance that a lead with label 1 scores above one with label 0; equal scores count half."""
    positives = float(labels.sum())
    negatives = len(labels) - positives
    ranks = float(rankdata(scores)[labels > 0].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def top_decile_lift(scores: Floats, labels: Floats) -> float:
    """The rate of label 1 among the best tenth over that among all; leads tied at the edge count by their share."""
    size = len(scores) / 10
    edge = np.sort(scores)[::-1][int(np.ceil(size)) - 1]
    above, tied = scores > edge, scores == edge
    found = labels[above].sum() + (size - above.sum()) * labels[tied].mean()
    return float(found / size / labels.mean())

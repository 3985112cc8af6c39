"""The view of the drift of an active model, in models and in the state of the engine."""

from __future__ import annotations

from datetime import datetime

from api.http.view import View
from domain.instant import to_datetime
from domain.prediction.drift import Drift

__all__ = ["DriftView", "drift_view"]


class DriftView(View, frozen=True):
    """An active model beside what happened: `expectedOverObserved` of the landmarks since its activation that have matured.

    `shift` is the population stability index of its predictions over the open leads of today, above 0.25 a shift; each is
    null while there is too little to say. `warnings` are in words.
    """

    goal: str
    model: str
    at: datetime
    landmarks: int
    expected_over_observed: float | None
    leads: int
    shift: float | None
    warnings: list[str]


def drift_view(goal: str, drift: Drift) -> DriftView:
    return DriftView(
        goal=goal,
        model=drift.model,
        at=to_datetime(drift.at),
        landmarks=drift.landmarks,
        expected_over_observed=drift.expected_over_observed,
        leads=drift.leads,
        shift=drift.shift,
        warnings=list(drift.warnings),
    )

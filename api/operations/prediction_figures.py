"""Metrics of the drift of active prediction models for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.prediction.drift import Drift

__all__ = ["PredictionFigures"]


class PredictionFigures(Collector):
    """Per goal with an active model: expected over observed, the shift of its predictions, and how many warnings there are.

    A figure for which there is too little data is left out.
    """

    def __init__(self, drifts: Mapping[str, Drift]) -> None:
        self._drifts = drifts

    def collect(self) -> Iterator[Metric]:
        ratio = GaugeMetricFamily(
            "lead_engine_prediction_expected_over_observed",
            "What the active model expected of the landmarks since its activation, over what happened.",
            labels=["goal"],
        )
        shift = GaugeMetricFamily(
            "lead_engine_prediction_shift",
            "Population stability index of the predictions for the open leads of today.",
            labels=["goal"],
        )
        warnings = GaugeMetricFamily(
            "lead_engine_prediction_drift_warnings",
            "Warnings about the active model, as GET /api/ops words them.",
            labels=["goal"],
        )
        for goal, drift in self._drifts.items():
            if drift.expected_over_observed is not None:
                ratio.add_metric([goal], drift.expected_over_observed)
            if drift.shift is not None:
                shift.add_metric([goal], drift.shift)
            warnings.add_metric([goal], len(drift.warnings))
        yield from (ratio, shift, warnings)

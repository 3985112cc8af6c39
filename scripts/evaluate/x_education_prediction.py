"""Prediction on the X Education case: whether a lead converts, learnt from the earlier ones.

The file has no times, so each lead is one landmark, on the day of the file, and the outcome has no horizon. The features are
the engine's own, under `standard`, from what the example mapping brings. Leads with the lower numbers came earlier.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

from domain.prediction.features import SCORE, features_of
from domain.prediction.gate import failures
from domain.prediction.landmark import Landmark
from domain.prediction.report import HeldOut
from scripts.evaluate.csv_leads import folded, for_evaluation, rows_with_events, wanted
from scripts.evaluate.learners import by_boosting, by_logistic, by_model
from scripts.evaluate.x_education import AS_OF, FILE
from workflows.prediction.table import LandmarkTable
from workflows.prediction.train import learn_from, probabilities

__all__ = ["Compared", "compare_learners"]

_EARLIER = 0.7


class Compared(NamedTuple):
    """The figures on the later leads, and the tests that a model of shuffled outcomes fails."""

    learnt: int
    model: HeldOut
    logistic: HeldOut
    boosting: HeldOut | None
    shuffled: HeldOut
    shuffled_fails: tuple[str, ...]


def compare_learners(data: Path) -> Compared:
    """Learn from the first seven tenths of the leads, and test on the others. Raises `Invalid` without the data."""
    table = _table(data)
    first = int(len(table) * _EARLIER)
    learnt, test = range(first), range(first, len(table))
    model, logistic = by_model(table, learnt, test), by_logistic(table, learnt, test)
    boosting = by_boosting(table, learnt, test)
    labels = list(table.reached)
    Random(7).shuffle(labels)
    table.reached[:] = type(table.reached)("b", labels)
    shuffled = by_model(table, learnt, test)
    predicted = probabilities(table, learn_from(table, learnt), test)
    reached = [bool(table.reached[row]) for row in test]
    return Compared(first, model, logistic, boosting, shuffled, failures(shuffled, predicted, reached, None))


def _table(data: Path) -> LandmarkTable:
    rules = for_evaluation("standard")
    refused = rules.decisive_rules
    rows = sorted(
        rows_with_events(wanted(data, FILE), "x_education.yaml"), key=lambda row: int(row[0]["Lead Number"])
    )
    table = LandmarkTable()
    for cells, events in rows:
        state = folded(events, rules, AS_OF)
        features = features_of(state, max(AS_OF, state.clock), rules, refused)
        table.add(
            Landmark(
                lead_id=cells["Lead Number"],
                at=AS_OF,
                features=features,
                score=float(features[SCORE]),
                reached=cells["Converted"] == "1",
                backfilled=True,
            )
        )
    return table.complete()

"""Prediction on real events with times and outcomes: the work items of the BPI Challenge 2012, as leads."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import yaml

from domain.decisions.goal import Goal
from domain.decisions.outcome import OutcomeRules
from domain.errors import NotFound
from domain.events.event import Event
from domain.instant import Millis, from_datetime
from domain.prediction.landmark import Arrival, arrival, landmarks_of
from domain.prediction.report import HeldOut
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.loader import parse_rulebook
from engine.rulebooks.built_in import built_in_text
from scripts.evaluate.learners import by_boosting, by_logistic, by_model
from workflows.prediction.table import LandmarkTable

__all__ = ["DAYS", "Measured", "measure"]

DAYS = ("2011-11-20", "2011-12-10", "2012-01-10")
"""Days on which a model is trained with what was known then."""
_GOAL = Goal("win", "won", 30)
_POINTS = {"1": 5, "2": -10, "3": 10, "4": 5, "5": 15}
_WON = "6"


class Measured(NamedTuple):
    """The figures of one training day: of the model, of one that learns from decided leads only, and of others."""

    day: str
    landmarks: int
    model: HeldOut
    decided_only: HeldOut
    logistic: HeldOut
    boosting: HeldOut | None


def measure(data: Path) -> Iterator[Measured]:
    """Train on each day, and compare with what became of the later landmarks. Raises `NotFound` without the data."""
    cases, end = _read(data / "bpi_2012" / "bpi_12_w.csv")
    rules = _rulebook()
    table = LandmarkTable()
    for case in cases:
        for landmark in landmarks_of(case, rules, _GOAL, end):
            table.add(landmark)
    table.complete()
    decided = _decided_at(cases, rules.outcome)
    for day in DAYS:
        at = from_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC))
        learnt = [row for row, one in enumerate(table.at) if one + _GOAL.horizon <= at]
        biased = [
            row
            for row, one in enumerate(table.at)
            if one < at and decided.get(table.leads[row], at + 1) <= at
        ] + [row for row in learnt if table.leads[row] not in decided]
        test = [row for row, one in enumerate(table.at) if one >= at]
        yield Measured(
            day,
            len(learnt),
            by_model(table, learnt, test),
            by_model(table, biased, test),
            by_logistic(table, learnt, test),
            by_boosting(table, learnt, test),
        )


def _read(path: Path) -> tuple[list[list[Arrival]], Millis]:
    if not path.exists():
        raise NotFound("data set", str(path))
    with path.open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["CompleteTimestamp"])
    cases: dict[str, list[Arrival]] = defaultdict(list)
    for position, row in enumerate(rows, 1):
        at = from_datetime(datetime.fromisoformat(row["CompleteTimestamp"]).replace(tzinfo=UTC))
        activity = row["ActivityID"]
        event = Event(
            position=position,
            event_id=str(position),
            lead_id=row["CaseID"],
            type="deal.won" if activity == _WON else f"a{activity}",
            occurred_at=at,
            received_at=at,
        )
        cases[row["CaseID"]].append(arrival(event, 0))
    return list(cases.values()), max(one.known_at for case in cases.values() for one in case)


def _decided_at(cases: Sequence[Sequence[Arrival]], outcome: OutcomeRules) -> dict[str, Millis]:
    return {
        one.event.lead_id: one.known_at
        for case in cases
        for one in reversed(case)
        if one.event.type in outcome.by_type
    }


def _rulebook() -> CompiledRulebook:
    """`standard` with a rule for each activity of the data set."""
    document = yaml.safe_load(built_in_text("standard"))
    rules = [
        {
            "id": f"a{n}",
            "group": "work",
            "label": f"Activity {n}",
            "event": [f"a{n}"],
            "points": points,
            "halfLifeDays": 14,
        }
        for n, points in _POINTS.items()
    ]
    grades = {"grades": document["score"]["grades"]} if "grades" in document["score"] else {}
    document |= {
        "name": "loans",
        "score": {
            "model": "half-life",
            "groups": [{"id": "work", "label": "Work"}],
            "rules": rules,
            **grades,
        },
    }
    document.pop("automations", None)
    return compile_rulebook(parse_rulebook(yaml.safe_dump(document), "loans.yaml"))

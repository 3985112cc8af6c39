"""Drift: what matured since the activation, and leads that are not like those of the training."""

from __future__ import annotations

from math import log

import pytest

from domain.decisions.goal import WIN
from domain.prediction.drift import Drift, Shifts, shift_of
from domain.prediction.model import LevelTerm, Model, NumberTerm
from domain.prediction.report import Group, HeldOut

TERMS = (
    NumberTerm("quietDays", (1.0, 7.0), (0.5, 0.0, -0.5), 0.0, (0.1, 0.3, 0.3, 0.3)),
    LevelTerm("weekday", {"Monday": 0.1}, 0.0, 0.0, (0.1, 0.6, 0.3)),
)
GROUPS = (Group(0.4, 0.38, 300, 100, 0.3, 0.4), Group(0.9, 0.56, 700, 400, 0.5, 0.6))
MODEL = Model(
    goal=WIN,
    version=1,
    rulebook="classic@2",
    features="features@1",
    known_at=0,
    position=1,
    backfilled=False,
    base=0.0,
    shift=0.0,
    scale=1.0,
    terms=TERMS,
    labels={},
    held_out=HeldOut(1000, 500, reliability=GROUPS),
    landmarks=1000,
    wins=500,
    trained_with={},
)


def leads(*days, weekday="Monday"):
    shifts = Shifts(MODEL)
    for number in range(1000):
        day = days[number % len(days)]
        shifts.add(
            {} if day is None else {"quietDays": day, "weekday": weekday if number % 10 < 3 else "Friday"}
        )
    return shifts.seen()


def test_the_stability_index_is_that_of_the_formula():
    assert shift_of([50, 50], [0.25, 0.75]) == pytest.approx(0.25 * log(2) - 0.25 * log(2 / 3))
    assert shift_of([25, 75], [0.25, 0.75]) == 0
    assert shift_of([0, 100], [0.5, 0.5]) > 1


def test_leads_like_those_of_the_training_have_not_shifted():
    shift, features = leads(None, 0, 0, 0, 3, 3, 3, 9, 9, 9)
    assert shift < 0.01
    assert max(one.index for one in features) < 0.1
    assert Drift(model="win@1", at=0, leads=1000, shift=shift, features=features).warnings == ()


def test_leads_that_have_fallen_silent_are_warned_of():
    shift, features = leads(None, 9, 9, 9, 9, 9, 9, 9, 9, 9)
    found = Drift(model="win@1", at=0, leads=1000, shift=shift, features=features)
    assert [warning.split(":")[0] for warning in found.warnings] == [
        "its predictions have moved",
        "leads have changed in 'quietDays'",
    ]


def test_few_leads_say_nothing():
    shifts = Shifts(MODEL)
    for _ in range(199):
        shifts.add({"quietDays": 9.0})
    assert shifts.seen() == (None, ())


@pytest.mark.parametrize(
    ("expected", "reached", "warned"), [(30, 30, False), (45, 30, True), (20, 30, True), (19, 5, False)]
)
def test_what_matured_is_compared_once_there_is_enough(expected, reached, warned):
    found = Drift(model="win@1", at=0, landmarks=300, expected=expected, reached=reached)
    assert bool(found.warnings) is warned

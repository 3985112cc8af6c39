"""The conditions that rulebooks set on what a lead looks like."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.decisions.assessment import Measurements
from domain.decisions.condition import ConditionSection, NumberTest

LEAD = Measurements(at=0, score=40.0, stage="hot", velocity=6.0, risk="low")


@pytest.mark.parametrize(
    ("bounds", "fits"),
    [
        ({"above": 6}, (False, False, True)),
        ({"atLeast": 6}, (False, True, True)),
        ({"below": 6}, (True, False, False)),
        ({"atMost": 6}, (True, True, False)),
        ({"above": 5, "below": 7}, (False, True, False)),
        ({"atLeast": 6, "atMost": 6}, (False, True, False)),
        ({"above": 0, "below": 0}, (False, False, False)),
    ],
)
def test_a_number_must_lie_within_all_the_given_bounds(bounds, fits):
    test = NumberTest.model_validate(bounds).compile()

    assert tuple(test.holds(value) for value in (5, 6, 7)) == fits


def test_a_bound_of_nought_is_a_bound():
    assert not NumberTest(above=0).compile().holds(0)
    assert NumberTest(above=0).compile().holds(0.001)


@pytest.mark.parametrize("bounds", [{}, {"above": None}])
def test_a_test_without_a_bound_is_refused(bounds):
    with pytest.raises(ValidationError, match="at least one of above, atLeast, below, atMost"):
        NumberTest.model_validate(bounds)


def test_a_bound_that_is_not_a_number_is_refused():
    with pytest.raises(ValidationError):
        NumberTest.model_validate({"above": float("nan")})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, True),
        ({"stage": "hot"}, True),
        ({"stage": "warm"}, False),
        ({"stage": ["warm", "hot"]}, True),
        ({"risk": "low"}, True),
        ({"risk": ["medium", "high"]}, False),
        ({"score": {"atLeast": 40}}, True),
        ({"score": {"above": 40}}, False),
        ({"velocity": {"below": 7}}, True),
        ({"stage": "hot", "risk": "high"}, False),
        ({"stage": "hot", "risk": "low", "score": {"below": 50}, "velocity": {"atMost": 6}}, True),
    ],
)
def test_every_part_of_a_condition_must_hold(condition, holds):
    assert ConditionSection.model_validate(condition).compile().holds(LEAD) is holds


@pytest.mark.parametrize("part", ["stage", "risk", "score", "velocity"])
def test_a_part_without_a_value_is_a_part_that_was_not_said(part):
    # A stored rulebook says `null` for everything that its file left out.
    condition = ConditionSection.model_validate({part: None})

    assert condition.is_empty
    assert condition.compile().holds(LEAD)
    assert not ConditionSection.model_validate({part: None, "stage": "warm"}).compile().holds(LEAD)


def test_a_list_without_a_name_is_refused_rather_than_never_true():
    with pytest.raises(ValidationError, match="at least 1"):
        ConditionSection.model_validate({"stage": []})


def test_a_part_that_no_one_knows_is_refused():
    with pytest.raises(ValidationError, match="colour"):
        ConditionSection.model_validate({"colour": "red"})

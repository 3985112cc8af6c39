"""A number that is computed in another order, and differs in the last bits, leads to the same grade, band and firing."""

from __future__ import annotations

from math import nextafter

import pytest

from domain.automations.measure_triggers import VelocityAbove
from domain.decisions.condition import NumberTest
from domain.risk.mbg_nbd import MbgNbdRiskSection
from domain.scoring.half_life_section import GradesSection


def neighbours(number):
    """The number, and the ones next to it."""
    return nextafter(number, 0), number, nextafter(number, 1000)


@pytest.mark.parametrize("step", [75, 50, 25])
def test_grades_do_not_depend_on_the_last_bits(step):
    grades = GradesSection().compile()
    assert len({grades.of(points, points) for points in neighbours(step)}) == 1
    assert grades.of(step, step) != grades.of(step - 1e-6, step - 1e-6)


@pytest.mark.parametrize("test", [{"at_least": 0.3}, {"above": 0.3}, {"below": 0.3}, {"at_most": 0.3}])
def test_bounds_of_conditions_do_not_depend_on_the_last_bits(test):
    bounds = NumberTest(**test).compile()
    assert len({bounds.holds(value) for value in neighbours(0.3)}) == 1
    assert len({bounds.holds(value) for value in (0.3 - 1e-6, 0.3 + 1e-6)}) == 2


def test_bands_of_risk_begin_a_little_below_their_line():
    risk = MbgNbdRiskSection(model="dropout", medium_from=0.3, high_from=0.6).compile()
    assert risk.medium_from < nextafter(0.3, 0)
    assert risk.high_from < nextafter(0.6, 0)
    assert (risk.medium_from, risk.high_from) == pytest.approx((0.3, 0.6), abs=1e-8)


class _Lead:
    def __init__(self, velocity):
        self.velocity = velocity


class _Change:
    def __init__(self, before, after):
        self.before, self.after = _Lead(before), _Lead(after)


def test_a_velocity_that_only_touches_the_line_has_not_risen_above_it():
    trigger = VelocityAbove(velocity_above=0.3)
    assert not trigger.fires(_Change(0.1, nextafter(0.3, 1)))
    assert trigger.fires(_Change(nextafter(0.3, 1), 0.31))

"""Our incomplete beta function is that of scipy, to 1e-12 relative, wherever a surge may ask for it."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from domain.velocity.incomplete_beta import incomplete_beta

NEVER_ASKED = 1e-30
"""Far below any threshold. There the library itself loses digits."""


def decades(low, high):
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


@given(a=decades(-0.6, 2.3), b=decades(-0.6, 4.0), x=st.floats(1e-9, 1 - 1e-9))
@example(a=2.0, b=3.0, x=0.5)
@example(a=0.25, b=0.25, x=0.999)
@example(a=200.0, b=10_000.0, x=0.0196)
@example(a=0.5, b=9_000.0, x=1e-4)
@settings(max_examples=500, deadline=None)
def test_it_is_what_scipy_says(a, b, x):
    expected = float(betainc(a, b, x))

    if expected > NEVER_ASKED:
        assert incomplete_beta(a, b, x) == pytest.approx(expected, rel=1e-12, abs=0)


@given(a=decades(-0.6, 2.3), b=decades(-0.6, 4.0), away=st.floats(-4, 4))
@settings(max_examples=500, deadline=None)
def test_it_is_what_scipy_says_around_the_mean(a, b, away):
    mean = a / (a + b)
    x = mean + away * sqrt(mean * (1 - mean) / (a + b + 1))
    if 0 < x < 1 and (expected := float(betainc(a, b, x))) > NEVER_ASKED:
        assert incomplete_beta(a, b, x) == pytest.approx(expected, rel=1e-12, abs=0)


@given(a=decades(-0.6, 2.3), b=decades(-0.6, 4.0), x=st.floats(0, 1), enough=st.floats(1e-6, 0.999))
@settings(max_examples=500, deadline=None)
def test_a_value_that_is_enough_may_be_too_small_but_never_below_what_is_enough(a, b, x, enough):
    exact, found = incomplete_beta(a, b, x), incomplete_beta(a, b, x, enough=enough)

    assert (found < enough) == (exact < enough)
    assert found <= exact * (1 + 1e-12)
    assert found == exact or found >= enough


@pytest.mark.parametrize(
    ("a", "x", "value"),
    [(2.0, 0.0, 0.0), (2.0, -1.0, 0.0), (2.0, 1.0, 1.0), (2.0, 1.5, 1.0), (0.0, 0.3, 1.0)],
)
def test_at_the_ends_it_is_nothing_or_all(a, x, value):
    assert incomplete_beta(a, 3.0, x) == value


def test_what_is_far_beyond_every_float_is_nought():
    assert incomplete_beta(50_000.0, 1.0, 0.3) == 0.0

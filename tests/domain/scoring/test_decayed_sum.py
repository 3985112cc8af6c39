"""A quantity that fades: the same number as the sum over all that was added, in any order."""

from __future__ import annotations

from functools import reduce
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scoring.decayed_sum import DecayedSum, decayed

DAY = 86_400_000
START = 20_000 * DAY

additions = st.lists(
    st.tuples(
        st.floats(-100, 100).map(lambda points: round(points, 3)),
        st.integers(0, 400 * DAY).map(lambda later: START + later),
    ),
    max_size=25,
)
half_lives = st.sampled_from((None, 0.5, 1, 7, 20, 3650))


def added(contributions, half_life):
    return reduce(lambda sum_, one: sum_.add(*one, half_life), contributions, DecayedSum())


def brute_force(contributions, as_of, half_life):
    return fsum(
        points * (2 ** (-(as_of - at) / DAY / half_life) if half_life else 1) for points, at in contributions
    )


@given(contributions=additions, half_life=half_lives, later=st.integers(0, 100 * DAY))
@settings(max_examples=200, deadline=None)
def test_it_is_the_sum_of_all_that_was_added_each_faded_for_its_own_age(contributions, half_life, later):
    as_of = max((at for _, at in contributions), default=START) + later

    read = added(contributions, half_life).read(as_of, half_life)

    assert read == pytest.approx(brute_force(contributions, as_of, half_life), abs=1e-9)


@given(data=st.data(), contributions=additions, half_life=half_lives)
@settings(max_examples=100, deadline=None)
def test_the_order_of_arrival_does_not_matter(data, contributions, half_life):
    as_of = START + 400 * DAY
    shuffled = data.draw(st.permutations(contributions))

    one, other = (added(them, half_life).read(as_of, half_life) for them in (contributions, shuffled))

    assert one == pytest.approx(other, abs=1e-9)


@given(contributions=additions, half_life=half_lives, cut=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_two_parts_merge_into_the_whole_from_either_side(contributions, half_life, cut):
    as_of = START + 400 * DAY
    one, other = added(contributions[:cut], half_life), added(contributions[cut:], half_life)

    whole = brute_force(contributions, as_of, half_life)

    assert one.merge(other, half_life).read(as_of, half_life) == pytest.approx(whole, abs=1e-9)
    assert other.merge(one, half_life).read(as_of, half_life) == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize(
    ("half_lives_gone", "left"), [(0, 64), (1, 32), (2, 16), (6, 1), (0.5, 64 / 2**0.5), (10_000, 0)]
)
def test_half_is_left_after_each_half_life(half_lives_gone, left):
    assert decayed(64, round(half_lives_gone * 20 * DAY), 20) == pytest.approx(left)


def test_what_has_no_half_life_stays():
    assert decayed(64, 10_000 * DAY, None) == 64


def test_a_quarter_off_a_month_is_a_half_life_of_2_41_months():
    # h = n ln 2 / -ln(1 - x)
    assert decayed(100, 30 * DAY, 2.409420839653209 * 30) == pytest.approx(75)

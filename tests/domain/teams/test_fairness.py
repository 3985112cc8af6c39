"""Virtual clocks share leads by weight, among those present."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.teams.fairness import Clock, charge, choose, credit, join

weights = st.dictionaries(
    st.sampled_from("abcdefgh"), st.floats(0.1, 10, allow_nan=False), min_size=1, max_size=8
)


def dealt(shares: dict[str, float], leads: int) -> Counter[str]:
    """How many of so many leads each rep got, all of them present all the time."""
    clocks: dict[str, Clock] = {}
    got: Counter[str] = Counter()
    for number in range(leads):
        rep = choose(f"lead-{number}", shares, clocks)
        assert rep is not None
        clocks = charge(clocks, rep, shares[rep], number)
        got[rep] += 1
    return got


@given(shares=weights, leads=st.integers(0, 200))
def test_leads_per_weight_differ_by_at_most_one_lead_of_the_lighter_rep(shares, leads):
    got = dealt(shares, leads)
    for one in shares:
        for other in shares:
            bound = max(1 / shares[one], 1 / shares[other])
            assert abs(got[one] / shares[one] - got[other] / shares[other]) <= bound + 1e-6


def test_twice_the_weight_is_twice_the_leads():
    assert dealt({"a": 1, "b": 2}, 300) == {"a": 100, "b": 200}


def test_nobody_present_gets_nothing():
    assert choose("lead", [], {"a": Clock()}) is None


def test_of_equal_reps_the_one_who_waits_longest_is_next():
    clocks = {"a": Clock(1.0, last_at=200), "b": Clock(1.0, last_at=100)}

    assert choose("lead", ["a", "b"], clocks) == "b"


def test_a_first_lead_goes_to_no_rep_by_the_order_of_creation():
    reps = ["first", "second", "third"]

    first = Counter(choose(f"lead-{number}", reps, {}) for number in range(300))

    assert min(first[rep] for rep in reps) > 60, "each starts with about a third"
    assert [choose(f"lead-{n}", reps, {}) for n in range(50)] == [
        choose(f"lead-{n}", reversed(reps), {}) for n in range(50)
    ]


@given(months=st.integers(1, 200))
def test_a_newcomer_is_level_with_the_least_of_those_present(months):
    clocks = {"a": Clock(float(months)), "b": Clock(float(months) + 1)}

    clocks = join(clocks, "new", ["a", "b"])

    assert clocks["new"].time == months
    got = Counter()
    for number in range(30):
        rep = choose(f"lead-{number}", ["a", "b", "new"], clocks)
        clocks = charge(clocks, rep, 1.0, number)
        got[rep] += 1
    assert max(got.values()) - min(got.values()) <= 2


def test_coming_back_never_sets_a_clock_back():
    assert join({"a": Clock(9.0), "b": Clock(3.0)}, "a", ["a", "b"])["a"].time == 9.0


def test_a_lead_that_did_not_count_is_given_back():
    clocks = charge({"a": Clock(), "b": Clock()}, "a", 1.0, 1)

    assert choose("next", ["a", "b"], clocks) == "b"
    assert credit(clocks, "a", 1.0)["a"].time == 0.0

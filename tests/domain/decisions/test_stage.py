"""Which stage a score stands for, and when a lead leaves it again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.decisions.stage import StageLadderSection

STEPS = [
    {"name": "cold"},
    {"name": "warm", "from": 11},
    {"name": "hot", "from": 31},
    {"name": "qualified", "from": 60},
]
ORDER = ["cold", "warm", "hot", "qualified"]


@pytest.fixture(scope="module")
def sticky():
    """Up at 11, 31, 60; down 15 % lower: below 9.35, 26.35, 51."""
    return StageLadderSection.model_validate({"steps": STEPS, "hysteresis": 0.15}).compile()


@pytest.mark.parametrize(
    ("score", "stage"),
    [
        (-5, "cold"),
        (0, "cold"),
        (10.999, "cold"),
        (11, "warm"),
        (30.999, "warm"),
        (31, "hot"),
        (59.999, "hot"),
        (60, "qualified"),
        (1e9, "qualified"),
    ],
)
@pytest.mark.parametrize("current", ORDER)
def test_classic_knows_no_memory_a_stage_begins_at_its_score_and_ends_below_it(
    classic, current, score, stage
):
    assert classic.stages.settle(current, score) == stage


@pytest.mark.parametrize("boundary", [11, 31, 60])
def test_the_last_bits_of_a_sum_do_not_move_a_lead_over_a_boundary(classic, boundary):
    at = classic.stages.settle("cold", boundary)

    assert classic.stages.settle("cold", boundary - 1e-12) == at
    assert classic.stages.settle("cold", boundary + 1e-12) == at
    assert classic.stages.settle("cold", boundary - 1e-6) != at


@pytest.mark.parametrize(
    ("current", "score", "stage"),
    [
        ("hot", 60, "qualified"),
        ("hot", 59.99, "hot"),  # not yet up
        ("qualified", 59.99, "qualified"),  # not yet down
        ("qualified", 51, "qualified"),
        ("qualified", 50.99, "hot"),
        ("qualified", 26.35, "hot"),
        ("qualified", 26.34, "warm"),
        ("qualified", 9.34, "cold"),
        ("hot", 26.35, "hot"),
        ("hot", 26.34, "warm"),
        ("warm", 30.99, "warm"),
        ("warm", 9.35, "warm"),
        ("warm", 9.34, "cold"),
        ("cold", 10.99, "cold"),
        ("cold", 60, "qualified"),  # several stages in one leap
    ],
)
def test_with_hysteresis_a_stage_is_entered_at_its_score_and_left_15_percent_below(
    sticky, current, score, stage
):
    assert sticky.settle(current, score) == stage


def test_a_stage_that_begins_below_nought_is_left_further_below(sticky):
    ladder = StageLadderSection.model_validate(
        {"steps": [{"name": "lost"}, {"name": "open", "from": -100}], "hysteresis": 0.15}
    ).compile()

    assert ladder.settle("lost", -100) == "open"
    assert ladder.settle("open", -115) == "open"
    assert ladder.settle("open", -115.1) == "lost"


def test_a_stage_that_the_ladder_does_not_know_counts_as_the_lowest(sticky):
    assert sticky.settle("a-stage-of-another-rulebook", 59) == "hot"
    assert sticky.settle("a-stage-of-another-rulebook", 10) == "cold"


@given(
    scores=st.lists(st.floats(51, 59.99), min_size=1, max_size=30),
    start=st.sampled_from([30.0, 40.0, 60.0, 90.0]),
)
@settings(deadline=None)
def test_within_the_band_a_lead_never_flaps(sticky, scores, start):
    stage = sticky.settle("cold", start)
    stages = []
    for score in scores:
        stage = sticky.settle(stage, score)
        stages.append(stage)

    # From below the band it is hot throughout, from above qualified throughout.
    assert set(stages) == {"qualified" if start >= 60 else "hot"}


@given(current=st.sampled_from(ORDER), score=st.floats(-200, 200))
@settings(deadline=None)
def test_settling_twice_changes_nothing(sticky, classic, current, score):
    for ladder in (sticky, classic.stages):
        stage = ladder.settle(current, score)

        assert ladder.settle(stage, score) == stage


@given(current=st.sampled_from(ORDER), score=st.floats(-200, 200), more=st.floats(0, 200))
@settings(deadline=None)
def test_more_points_never_mean_a_lower_stage(sticky, current, score, more):
    lower, higher = sticky.settle(current, score), sticky.settle(current, score + more)

    assert ORDER.index(lower) <= ORDER.index(higher)


def test_the_names_run_from_the_lowest_to_the_highest(classic):
    assert classic.stages.names == ("cold", "warm", "hot", "qualified")
    assert classic.stages.lowest == "cold"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "at least 1"),
        ([{"name": "cold", "from": 0}], "the lowest stage, 'cold', takes every low score"),
        ([{"name": "cold"}, {"name": "hot"}], "stage 'hot' needs a 'from'"),
        (
            [{"name": "cold"}, {"name": "warm", "from": 9}, {"name": "hot", "from": 9}],
            "stage 'hot' begins at 9, not above",
        ),
        ([{"name": "cold"}, {"name": "cold", "from": 1}], "two stages are called 'cold'"),
        ([{"name": "cold"}, {"name": "hot", "from": float("inf")}], "finite"),
        ([{"name": "very cold"}], "pattern"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused_in_words(steps, message):
    with pytest.raises(ValidationError, match=message):
        StageLadderSection.model_validate({"steps": steps})


@pytest.mark.parametrize("hysteresis", [-0.1, 1, 2])
def test_a_hysteresis_must_be_a_share_of_the_score(hysteresis):
    with pytest.raises(ValidationError, match="hysteresis"):
        StageLadderSection.model_validate({"steps": STEPS, "hysteresis": hysteresis})


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (54.9999999, 54.99),  # hot, and qualified begins at 55
        (54.996, 54.99),
        (55.0, 55.0),
        (55 - 1e-10, 55.0),  # qualified, within the tolerance of sums
        (55.004, 55.0),
        (29.7499999, 29.74),  # no longer hot, which is left below 29.75
        (29.75, 29.75),
        (29.7500001, 29.75),
        (42.126, 42.13),
        (42.125, 42.12),  # half to even
        (-0.001, 0.0),
    ],
)
def test_the_score_that_is_shown_is_on_the_side_of_every_line_that_the_score_is_on(standard, score, shown):
    assert standard.stages.shown(score) == shown


@given(score=st.floats(0, 100))
@settings(deadline=None)
def test_the_score_that_is_shown_gives_the_stage_of_the_score_from_any_stage(standard, score):
    ladder = standard.stages

    shown = ladder.shown(score)

    assert abs(shown - score) < 0.01 + 1e-9
    assert [ladder.settle(stage, shown) for stage in ladder.names] == [
        ladder.settle(stage, score) for stage in ladder.names
    ]

"""The figures of predictions agree with scipy and with what the formulas say, and the gate refuses what it must."""

from __future__ import annotations

from math import exp, fsum, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from domain.decisions.goal import WIN
from domain.prediction.gate import failures, too_little
from domain.prediction.model import LevelTerm, Model, NumberTerm, Part, predict
from domain.prediction.report import HeldOut, auc, evaluate, logistic_scaling, wilson

RANDOM = np.random.default_rng(7)


def calibrated(count=4000, spread=1.0):
    log_odds = RANDOM.normal(-1.5, spread, count)
    predicted = 1 / (1 + np.exp(-log_odds))
    return predicted.tolist(), (RANDOM.random(count) < predicted).tolist()


def test_right_predictions_are_found_right_and_pass_the_gate():
    predicted, reached = calibrated()
    found = evaluate(predicted, reached)
    assert found.expected_over_observed == pytest.approx(1, abs=0.1)
    assert found.slope == pytest.approx(1, abs=0.15)
    assert found.brier_skill > 0.05
    assert failures(found, predicted, reached, None) == ()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda p: min(2 * p, 0.99), "expects"),
        (lambda p: 1 / (1 + exp(-2.5 * log(p / (1 - p)))), "slope"),
        (lambda p: 0.2, "base rate"),
        (lambda p: 1 - p, "ranks worse"),
    ],
)
def test_the_gate_names_what_is_wrong(wrong, word):
    predicted, reached = calibrated()
    wrongly = [wrong(p) for p in predicted]
    found = evaluate(wrongly, reached, predicted)
    assert word in " ".join(failures(found, wrongly, reached, None))


def test_shuffled_outcomes_do_not_pass():
    predicted, reached = calibrated()
    shuffled = RANDOM.permutation(reached).tolist()
    assert failures(evaluate(predicted, shuffled), predicted, shuffled, None) != ()


def test_a_model_that_ranks_worse_than_the_active_one_does_not_pass():
    predicted, reached = calibrated()
    found = evaluate(predicted, reached)
    assert failures(found, predicted, reached, (0.80, 0.82)) != ()
    assert failures(found, predicted, reached, (0.80, 0.805)) == ()


def test_too_little_is_said_with_what_is_there():
    assert too_little(40, 40, 20, 20) is None
    assert "39 leads won" in too_little(39, 400, 20, 20)
    assert "and 19 not" in too_little(40, 400, 20, 19)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
        lambda some: len({reached for _, reached in some}) == 2
    )
)
def test_auc_is_that_of_mann_and_whitney(some):
    scores, reached = [float(score) for score, _ in some], [won for _, won in some]
    wins = [score for score, won in some if won]
    losses = [score for score, won in some if not won]
    right = mannwhitneyu(wins, losses).statistic / (len(wins) * len(losses))
    assert auc(scores, reached) == pytest.approx(right)


def test_wilson_is_the_known_interval():
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_scaling_undoes_a_change_of_scale():
    log_odds = RANDOM.normal(0, 1.5, 20_000)
    reached = (RANDOM.random(20_000) < 1 / (1 + np.exp(-(0.4 + 0.5 * log_odds)))).tolist()
    shift, scale = logistic_scaling(log_odds.tolist(), reached)
    assert (shift, scale) == pytest.approx((0.4, 0.5), abs=0.05)


def test_groups_hold_every_landmark_once_and_equal_predictions_stay_together():
    predicted, reached = [0.1] * 30 + [0.2] * 5 + [0.9] * 5, [False] * 35 + [True] * 5
    groups = evaluate(predicted, reached).reliability
    assert sum(one.landmarks for one in groups) == 40
    assert sum(one.wins for one in groups) == 5
    assert len({one.up_to for one in groups}) == len(groups) == 3


MODEL = Model(
    goal=WIN,
    version=1,
    rulebook="standard@2",
    features="features@1",
    known_at=0,
    position=1,
    backfilled=False,
    base=-2.0,
    shift=0.1,
    scale=0.9,
    terms=(
        NumberTerm("quietDays", (1.0, 7.0), (0.6, 0.1, -0.9), 0.05),
        LevelTerm("attribute.source", {"referral": 0.8}, -0.05, -0.2),
    ),
    labels={"source": "Source"},
    held_out=HeldOut(),
    landmarks=1000,
    wins=100,
    trained_with={},
)


def test_each_part_is_what_its_term_says_and_the_largest_comes_first():
    """Also for what is known as another kind than was learnt, and for features without a term."""
    known = {"quietDays": 3.0, "attribute.source": "web", "score": 9.0}
    for features in (known, {}, {"quietDays": "long", "attribute.source": 7.0}):
        found = predict(MODEL, features)
        right = [
            Part(one.feature, features.get(one.feature), MODEL.scale * one.weight(features.get(one.feature)))
            for one in MODEL.terms
        ]
        assert list(found.parts) == sorted(right, key=lambda part: (-abs(part.log_odds), part.feature))
        assert found.base == MODEL.shift + MODEL.scale * MODEL.base


@pytest.mark.parametrize(
    ("features", "sum_"),
    [
        ({}, 0.05 - 0.2),
        ({"quietDays": 0.5, "attribute.source": "referral"}, 0.6 + 0.8),
        ({"quietDays": 1.0, "attribute.source": "google"}, 0.1 - 0.05),
        ({"quietDays": 7.0}, -0.9 - 0.2),
    ],
)
def test_parts_sum_to_the_log_odds_of_the_probability(features, sum_):
    found = predict(MODEL, features)
    right = 0.1 + 0.9 * (-2.0 + sum_)
    assert fsum([found.base, *(part.log_odds for part in found.parts)]) == pytest.approx(right)
    assert log(found.probability / (1 - found.probability)) == pytest.approx(right)
    assert found.interval == (0.0, 1.0)  # nothing was held out

"""How well scores rank under two rulebooks, with a paired interval that takes the landmarks of a lead together."""

from __future__ import annotations

from random import Random

import pytest

from domain.prediction.landmark import LandmarkScores
from domain.prediction.report import auc
from domain.rule_lab.ranking import rank_leads


def leads(random, *, number=200, noise_now=1.0, noise_then=1.0):
    """Leads with one to five landmarks each, ranked by what they are worth and some noise."""
    found = []
    for _ in range(number):
        worth, reached = random.random(), random.random()
        cluster = [
            LandmarkScores(
                round(worth + noise_now * random.random(), 1),
                round(worth + noise_then * random.random(), 1),
                reached < worth,
            )
            for _ in range(random.randint(1, 5))
        ]
        found.append(cluster)
    return found


def test_the_auc_is_the_chance_that_one_that_reached_the_goal_has_more():
    found = leads(Random(1))
    flat = [one for cluster in found for one in cluster]
    ranking, reached = rank_leads(found), [one.reached for one in flat]
    assert ranking.auc_now == pytest.approx(auc([one.now for one in flat], reached))
    assert ranking.auc_then == pytest.approx(auc([one.then for one in flat], reached))


def test_the_interval_is_that_of_a_bootstrap_over_leads():
    random = Random(2)
    found = leads(random, noise_then=0.3)
    ranking, draws = rank_leads(found), []
    for _ in range(200):
        drawn = rank_leads(random.choices(found, k=len(found)))
        draws.append(drawn.auc_then - drawn.auc_now)
    mean = sum(draws) / len(draws)
    deviation = (sum((one - mean) ** 2 for one in draws) / (len(draws) - 1)) ** 0.5
    low, high = ranking.interval
    assert (high - low) / 2 == pytest.approx(1.96 * deviation, rel=0.2)
    assert low > 0  # less noise ranks better


def test_the_landmarks_of_a_lead_count_as_one_witness():
    found = leads(Random(3))
    alone, copied = rank_leads(found), rank_leads([cluster * 4 for cluster in found])
    assert copied.interval == pytest.approx(alone.interval)


def test_too_few_that_reached_the_goal_say_nothing():
    few = [[LandmarkScores(1.0, 2.0, n < 9)] for n in range(100)]
    assert rank_leads(few) is None
    assert rank_leads([[LandmarkScores(1.0, 2.0, n < 10)] for n in range(100)]).lift_now == 1

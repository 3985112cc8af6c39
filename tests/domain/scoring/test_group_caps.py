"""Groups whose cap leaves out nought: their least, or most, counts though nothing has happened in them."""

from __future__ import annotations

import pytest

from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.state import initial_state

START = 20_000 * 86_400_000


@pytest.fixture
def rules(standard_with):
    """Two groups, of which the second counts at least 5; one rule of 12.49 points in the first."""

    def make(low, high=100.0):
        return standard_with(
            score={
                "model": "half-life",
                "groups": [{"id": "web"}, {"id": "base", "cap": {"low": low, "high": high}}],
                "rules": [
                    {"id": "visit", "group": "web", "event": "page_view", "points": 12.49},
                    {"id": "bonus", "group": "base", "event": "signup", "points": 3},
                ],
            }
        )

    return make


def test_the_least_of_a_group_counts_at_any_moment(rules, event):
    compiled = rules(5)
    folded = fold(initial_state("lead-1", compiled), [event(), event("signup", position=2)], compiled)

    first = intelligence(fold(initial_state("lead-1", compiled), [event()], compiled).state, START, compiled)
    assert (first.score, first.details.groups) == (17.49, {"web": 12.49, "base": 5.0})
    assert {part.rule_id: part.points for part in first.reasons} == {"visit": 12.49, "cap-base": 5.0}
    assert [row.new_score for row in folded.rows] == [pytest.approx(17.49), pytest.approx(17.49)]
    for row in folded.rows:
        gained = sum(one.points for one in row.contributions)
        assert row.previous_score + row.decay + gained == pytest.approx(row.new_score)


def test_the_most_of_a_group_below_nought_counts_at_any_moment(rules, event):
    compiled = rules(-20, -2)
    found = intelligence(fold(initial_state("lead-1", compiled), [event()], compiled).state, START, compiled)

    assert (found.score, found.details.groups) == (10.49, {"web": 12.49, "base": -2.0})

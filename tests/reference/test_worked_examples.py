"""Leads with numbers that were worked out beforehand: the calculation gives them, and so does the engine."""

from __future__ import annotations

import pytest

from tests.reference.calculation import answer
from tests.reference.comparison import differences
from tests.reference.engine import folded_answer
from tests.reference.rulebooks import compiled, written
from tests.reference.worked_examples import BUSY_THEN_LOST, BUSY_THEN_LOST_SCORES, EXAMPLES, FIELDS

BOUNDED = {"three hundred events within a day"}
"""Where the engine says that it remembers no more: velocity by `window` counts 200 events."""


@pytest.fixture(params=EXAMPLES)
def example(request):
    return EXAMPLES[request.param]


def test_the_calculation_gives_what_is_right(example):
    found = answer(example.facts(), written(example.rulebook), example.as_of)

    for name, right in example.right.items():
        value = FIELDS[name](found)
        assert value == (pytest.approx(right, abs=0.005) if name == "score" else close(right)), name


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - BOUNDED))
def test_the_engine_gives_what_the_calculation_gives(name):
    example = EXAMPLES[name]
    rulebook = compiled(example.rulebook)
    right = answer(example.facts(), written(example.rulebook), example.as_of)

    assert differences(folded_answer(example.facts(), rulebook, example.as_of), right) == []


@pytest.mark.parametrize("name", sorted(BOUNDED))
def test_where_a_bounded_memory_was_met_the_answer_says_so_and_nothing_else_differs(name):
    example = EXAMPLES[name]
    right = answer(example.facts(), written(example.rulebook), example.as_of)
    found = folded_answer(example.facts(), compiled(example.rulebook), example.as_of)

    assert [line.partition(":")[0] for line in differences(found, right)] == ["velocity"]
    assert found.details.velocity == "at least 200 events in the last 24 hours"
    assert found.velocity == 200 * 3


@pytest.mark.parametrize(("days", "score"), BUSY_THEN_LOST_SCORES.items())
def test_a_score_rises_while_caps_hold_and_negative_points_fade(days, score):
    example = EXAMPLES["a score that rises between events, because negative points fade"]
    found = answer(example.facts(), written("standard"), BUSY_THEN_LOST[-1][1] + days * 86_400_000)

    assert found.score.score == pytest.approx(score, abs=0.005)


def close(right):
    return pytest.approx(right, abs=5e-5) if isinstance(right, float) else right

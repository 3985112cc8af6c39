"""The phrases of which rules describe themselves; durations are exact and never in months."""

from __future__ import annotations

import pytest

from domain.rule_language.words import any_of, days_in_words, hours_in_words, percent, value_in_words


@pytest.mark.parametrize(
    ("names", "words"), [(["a"], "a"), (["a", "b"], "a or b"), ([1, True, "c"], "1, yes or c")]
)
def test_names_are_alternatives(names, words):
    assert any_of(names) == words


def test_a_truth_is_said_as_people_say_it():
    assert (value_in_words(True), value_in_words(False), value_in_words(0)) == ("yes", "no", "0")


def test_a_share_is_a_percentage():
    assert (percent(0.35), percent(1 / 3)) == ("35 %", "33.33 %")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.04, "58 minutes"),
        (0.5, "12 hours"),
        (1, "1 day"),
        (1.5, "1 day and 12 hours"),
        (7, "7 days"),
        (45, "45 days"),
        (91, "91 days"),
        (365, "1 year"),
        (400, "1 year and 35 days"),
    ],
)
def test_a_duration_in_days_is_exact(days, words):
    assert days_in_words(days) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [(1, "1 hour"), (24, "24 hours"), (36, "36 hours"), (72, "3 days"), (2.5, "2 hours and 30 minutes")],
)
def test_a_duration_below_two_days_is_in_hours_where_it_was_given_in_hours(hours, words):
    assert hours_in_words(hours) == words

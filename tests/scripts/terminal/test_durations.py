"""Durations are exact, ages are in one unit, and months are in neither."""

from __future__ import annotations

import pytest

from domain.instant import DAY, HOUR, MINUTE
from scripts.terminal.durations import age, days_in_words, hours_in_words


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


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (-MINUTE, "just now"),
        (5 * MINUTE, "5 minutes ago"),
        (3 * HOUR, "3 hours ago"),
        (47 * HOUR, "a day ago"),
        (12 * DAY, "12 days ago"),
        (45 * DAY, "45 days ago"),
        (1200 * DAY, "3 years ago"),
    ],
)
def test_an_age_has_one_unit_so_that_it_fits_into_a_table(milliseconds, words):
    assert age(0, milliseconds) == words

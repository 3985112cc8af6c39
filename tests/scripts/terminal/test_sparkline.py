"""A curve in one line, and spans of time in words."""

from __future__ import annotations

import pytest

from domain.instant import DAY, HOUR, MINUTE
from scripts.terminal.durations import age, days_in_words, hours_in_words
from scripts.terminal.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([0, 50, 100], "▁▅█"),
        ([100, 100], "██"),
        ([0, 0, 0], "▁▁▁"),
        ([-10, 0, 10], "▁▅█"),
        ([], ""),
    ],
)
def test_a_bar_stands_for_each_value_between_zero_and_the_greatest(values, bars):
    assert sparkline(values) == bars


def test_a_terminal_that_knows_ascii_only_gets_ascii():
    assert sparkline([0, 50, 100], ascii_only=True) == "_=#"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.5, "12 hours"),
        (1, "1 day"),
        (1.5, "36 hours"),
        (7, "1 week"),
        (10, "10 days"),
        (21, "3 weeks"),
        (30, "30 days"),
        (91, "91 days"),
        (365, "1 year"),
        (0, "0 days"),
    ],
)
def test_days_are_told_as_people_tell_them(days, words):
    assert days_in_words(days) == words


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "1 hour"), (24, "24 hours"), (72, "3 days"), (50, "50 hours")]
)
def test_hours_are_told_as_people_tell_them(hours, words):
    assert hours_in_words(hours) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (-MINUTE, "just now"),
        (5 * MINUTE, "5 min ago"),
        (3 * HOUR, "3 h ago"),
        (47 * HOUR, "47 h ago"),
        (12 * DAY, "12 d ago"),
        (1200 * DAY, "3 y ago"),
    ],
)
def test_the_age_of_an_event_is_short_enough_for_a_table(span, words):
    assert age(0, span) == words

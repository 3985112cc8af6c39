"""A curve in one line of text."""

from __future__ import annotations

import pytest

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

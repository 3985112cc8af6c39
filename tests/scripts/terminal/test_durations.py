"""Ages are in one unit, and months are in none."""

from __future__ import annotations

import pytest

from domain.instant import DAY, HOUR, MINUTE
from scripts.terminal.durations import age


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

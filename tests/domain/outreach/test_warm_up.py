"""The limit of a day of a sender that warms up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.outreach.warm_up import daily_limit

DOCUMENT = Path(__file__).parents[3] / "docs" / "deliverability.md"


@pytest.mark.parametrize(
    ("first", "growth", "most", "ceiling", "limit"),
    [
        (0, 1.25, 500, 0, 0),
        (0, 1.25, 500, 40, 40),
        (20, 1.25, 0, 0, 20),
        (20, 1.25, 5, 0, 20),
        (20, 1.25, 20, 0, 25),
        (20, 1.25, 25, 30, 30),
        (1, 1.01, 1, 0, 2),  # it always grows
        (50, 1.25, 0, 10, 10),
    ],
)
def test_a_limit_grows_with_what_was_sent_and_never_beyond_the_ceiling(first, growth, most, ceiling, limit):
    assert daily_limit(first, growth, most, ceiling) == limit


def test_the_table_in_the_handbook_is_what_the_code_says():
    days, limits = re.findall(
        r"^\| (?:day on|limit)[^|]*\|(.*)\|$", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )
    sent, written = 0, dict(zip(map(int, days.split("|")), limits.split("|"), strict=True))
    for day in range(1, 31):
        sent = daily_limit(20, 1.25, sent, 0)
        assert day not in written or f"{sent:,}" == written[day].strip(), (day, sent)

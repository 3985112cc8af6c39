"""Figures add up over samples, and what a sample says of all leads comes with an interval that holds."""

from __future__ import annotations

from random import Random

import pytest

from domain.rule_lab.comparison import LeadComparison, Side
from domain.rule_lab.figures import Figures
from domain.rule_lab.intervals import share_interval, total_interval
from domain.rule_lab.report import report_of


def lead(random):
    now = random.choice(["cold", "warm"])
    then = random.choice(["cold", "warm"])
    alerts = ("call",) * random.choice([0, 0, 0, 1, 3])
    return LeadComparison(
        lead_id=str(random.random()),
        now=Side(random.random() * 30, now),
        then=Side(random.random() * 30, then, alerts),
        moved="not" if now == then else "up" if then == "warm" else "down",
        ended=random.choice(["open", "won", "lost"]),
        new_alerts=alerts,
    )


def figures(leads):
    found = Figures()
    for one in leads:
        found.add(one)
    return found


def test_the_figures_of_parts_add_up_to_those_of_all():
    random = Random(1)
    leads = [lead(random) for _ in range(100)]
    merged = figures(leads[:30])
    merged.merge(figures(leads[30:]))
    whole = figures(leads)
    assert merged.difference == pytest.approx(whole.difference)
    merged.difference = whole.difference
    assert merged == whole


def test_intervals_hold_what_is_true_of_all_leads_and_close_on_it():
    random = Random(2)
    leads = [lead(random) for _ in range(2000)]
    whole = report_of(figures(leads), 2000, 30)
    held = {"moved": 0, "alerts": 0}
    for _ in range(100):
        found = report_of(figures(random.sample(leads, 300)), 2000, 30)
        low, high = found.moved_interval
        held["moved"] += low <= whole.moved_share <= high
        low, high = found.all_alerts.then.interval
        held["alerts"] += low <= whole.all_alerts.then.a_day <= high
    assert min(held.values()) >= 88, held  # of 95 that are promised, three deviations less
    assert whole.moved_interval == (whole.moved_share, whole.moved_share)
    assert whole.all_alerts.then.interval == pytest.approx((whole.all_alerts.then.a_day,) * 2)


def test_none_in_a_sample_may_still_be_some_among_all():
    assert share_interval(0, 2000, 10**6)[1] == pytest.approx(0.0019, abs=0.0001)
    assert total_interval(0, 0, 2000, 10**6)[1] == pytest.approx(1497)
    assert total_interval(0, 0, 2000, 2000) == (0, 0)
    assert total_interval(5, 5, 10, 20)[0] >= 5  # what was seen is there

"""How likely it is that a lead has gone cold, by days of silence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.events.event import Event
from domain.risk.estimate import RISK_BANDS
from domain.risk.silence import SilenceRiskSection

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY

RISK = SilenceRiskSection(model="silence", medium_after_days=3, high_after_days=7).compile()


def after(*moments):
    state = RISK.initial()
    for at in moments:
        event = Event(
            position=1, event_id="e", lead_id="lead-1", type="page_view", occurred_at=at, received_at=at
        )
        state = RISK.evolve(state, event)
    return state


@pytest.mark.parametrize(
    ("silence", "band"),
    [
        (0, "low"),
        (3 * DAY, "low"),
        (3 * DAY + 1, "medium"),
        (7 * DAY, "medium"),
        (7 * DAY + 1, "high"),
        (400 * DAY, "high"),
    ],
)
def test_the_risk_is_medium_after_more_than_3_days_and_high_after_more_than_7(silence, band):
    assert RISK.estimate(after(START), START + silence).band == band


def test_a_lead_that_was_never_active_is_a_high_risk():
    assert RISK.estimate(RISK.initial(), START).band == "high"
    assert RISK.explain(RISK.initial(), START) == "never active"


def test_a_late_event_does_not_make_the_silence_longer():
    assert RISK.estimate(after(START + 5 * DAY, START), START + 8 * DAY).band == "low"


def test_an_activity_ends_the_silence():
    assert RISK.estimate(after(START, START + 20 * DAY), START + 20 * DAY).band == "low"


@given(moments=st.lists(st.integers(0, 20 * DAY), min_size=1, max_size=8), later=st.integers(0, 10 * DAY))
@settings(deadline=None)
def test_only_the_newest_activity_matters_whatever_the_order(moments, later):
    as_of = max(moments) + later
    expected = "high" if later > 7 * DAY else "medium" if later > 3 * DAY else "low"

    assert RISK.estimate(after(*moments), as_of).band == expected


@given(first=st.integers(0, 20 * DAY), more=st.integers(0, 20 * DAY))
@settings(deadline=None)
def test_without_activity_the_risk_never_falls(first, more):
    earlier = RISK.estimate(after(START), START + first).band
    later = RISK.estimate(after(START), START + first + more).band

    assert RISK_BANDS.index(earlier) <= RISK_BANDS.index(later)


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (0, "active within the last day"),
        (DAY - 1, "active within the last day"),
        (DAY, "quiet for 1 day"),
        (2 * DAY - 1, "quiet for 1 day"),
        (9 * DAY, "quiet for 9 days"),
        (-HOUR, "active within the last day"),
    ],
)
def test_it_is_said_in_words(silence, words):
    assert RISK.explain(after(START), START + silence) == words


def test_the_bands_may_be_parts_of_a_day():
    risk = SilenceRiskSection(model="silence", medium_after_days=0.5, high_after_days=0.5).compile()

    assert risk.estimate(after(START), START + 12 * HOUR).band == "low"
    assert risk.estimate(after(START), START + 12 * HOUR + 1).band == "high"


def test_a_high_band_that_begins_before_the_medium_one_is_refused():
    with pytest.raises(ValidationError, match="highAfterDays must not be smaller than mediumAfterDays"):
        SilenceRiskSection(model="silence", medium_after_days=5, high_after_days=4)


@pytest.mark.parametrize("days", [-1, float("nan")])
def test_days_that_are_not_a_length_of_time_are_refused(days):
    with pytest.raises(ValidationError):
        SilenceRiskSection(model="silence", medium_after_days=days)

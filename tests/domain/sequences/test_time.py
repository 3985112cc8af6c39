"""Days and windows over changes of the clock and leap days, against plain arithmetic; and clocks that jump."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import DAY, HOUR, MINUTE, to_datetime
from domain.rule_language.week_hours import WEEKDAYS
from domain.sequences.duration import Duration
from domain.sequences.window import SendWindowSection, next_open
from tests.domain.sequences.builders import at
from tests.domain.sequences.test_properties import ZONES, Run, hours, programs, starts, weekdays

STEP = 15 * MINUTE
JUMPS = [0, -MINUTE, -HOUR, -3 * DAY, -40 * DAY, HOUR, 3 * DAY]


@pytest.mark.parametrize(
    ("zone", "start", "days", "end"),
    [
        ("Europe/Berlin", "2028-02-28T10:00", 1, "2028-02-29T10:00"),
        ("Europe/Berlin", "2027-02-28T10:00", 1, "2027-03-01T10:00"),
        ("Europe/Berlin", "2028-02-29T10:00", 365, "2029-02-28T10:00"),
        ("Europe/Berlin", "2028-02-29T10:00", 366, "2029-03-01T10:00"),
        ("Europe/Berlin", "2026-12-31T23:30", 1, "2027-01-01T23:30"),
        ("Europe/Berlin", "2026-03-28T02:30", 1, "2026-03-29T03:30"),  # there is no 02:30 on that day
        ("Europe/Berlin", "2026-10-24T02:30", 1, "2026-10-25T02:30"),  # the first of two
        ("America/Santiago", "2026-09-05T00:00", 1, "2026-09-06T01:00"),  # the day begins at one
        ("Australia/Lord_Howe", "2026-10-03T02:15", 1, "2026-10-04T02:45"),  # by half an hour
        ("Africa/Casablanca", "2027-02-06T12:00", 3, "2027-02-09T12:00"),  # at the begin of Ramadan
    ],
)
def test_a_day_later_is_the_same_time_of_day(zone, start, days, end):
    place = ZoneInfo(zone)
    assert Duration(days, 0).after(at(start, place), place) == at(end, place)


@settings(max_examples=25, deadline=None)
@given(starts, st.integers(0, 400), st.sampled_from(ZONES))
def test_days_are_counted_on_the_calendar_of_the_zone_and_go_forward_only(start, days, zone):
    place = ZoneInfo(zone)
    before, after = (
        to_datetime(one).astimezone(place) for one in (start, Duration(days, 0).after(start, place))
    )
    shown = before.replace(tzinfo=None) + timedelta(days=days)
    off = abs(after.replace(tzinfo=None) - shown)
    changes = {(before + timedelta(days=days, hours=one)).utcoffset() for one in (-3, 0, 3)}
    assert off == timedelta(0) or (off <= timedelta(hours=1) and len(changes) > 1)
    assert Duration(days + 1, 0).after(start, place) > Duration(days, 0).after(start, place) >= start


@settings(max_examples=25, deadline=None)
@given(starts, st.sampled_from(ZONES), hours, weekdays)
def test_the_next_open_moment_is_in_the_window_and_no_earlier_one_is(start, zone, hours_open, days):
    opens, closes = hours_open[0], min(sum(hours_open), 24)
    window = SendWindowSection(days=tuple(days), opens=f"{opens:02}:00", closes=f"{closes:02}:00")
    place = ZoneInfo(zone)

    def is_open(moment):
        local = to_datetime(moment).astimezone(place)
        return WEEKDAYS[local.weekday()] in days and opens <= local.hour < closes

    found = next_open(window, start, place, None)
    assert found is not None
    assert is_open(found)
    earlier = [one for one in range(start, found, STEP) if is_open(one)]
    assert all(
        _changes(one, place) for one in earlier
    )  # an hour that is skipped or repeated may count as the later one


def _changes(moment, place):
    """Whether the clock is changed on the day of the moment."""
    day = datetime.combine(to_datetime(moment).astimezone(place).date(), datetime.min.time())
    return len({(day + timedelta(hours=one)).replace(tzinfo=place).utcoffset() for one in range(25)}) > 1


@settings(max_examples=25, deadline=None)
@given(st.tuples(*programs, weekdays, starts, st.lists(st.sampled_from(JUMPS), min_size=1, max_size=8)))
def test_a_clock_that_jumps_does_nothing_twice_and_nothing_early(parts):
    run = Run(*parts).play()
    assert len(run.steps) == len(set(run.steps))
    latest = None
    for when, _, in_time in run.sent:
        assert latest is None or when >= latest + 30 * HOUR
        assert when >= in_time
        latest = when

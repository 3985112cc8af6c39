"""Moments as milliseconds, and the periods that they fall into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import DAY, HOUR, MINUTE, SECOND, date_bucket, from_datetime, to_datetime

YEAR_2100 = 4_102_444_800_000


def at(text):
    return from_datetime(datetime.fromisoformat(text))


def test_the_units_are_what_they_say():
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_a_known_date_is_the_known_number():
    assert from_datetime(datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)) == 1_000_000_000_000


def test_the_offset_does_not_matter_only_the_instant():
    in_berlin = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    assert from_datetime(in_berlin) == from_datetime(datetime(2026, 7, 1, 10, tzinfo=UTC))


def test_microseconds_are_cut_off_not_rounded():
    assert from_datetime(datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)) == 1


@given(st.integers(-YEAR_2100, YEAR_2100))
@settings(deadline=None)
def test_every_millisecond_survives_the_way_there_and_back(moment):
    assert from_datetime(to_datetime(moment)) == moment


def test_a_moment_becomes_an_aware_utc_datetime():
    assert to_datetime(1) == datetime(1970, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC)
    assert to_datetime(1).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("period", "moment", "bucket"),
    [
        ("hour", "2026-03-02T09:59:59.999+00:00", "2026-03-02T09"),
        ("hour", "2026-03-02T10:00:00+00:00", "2026-03-02T10"),
        ("day", "2026-03-02T23:59:59.999+00:00", "2026-03-02"),
        ("day", "2026-03-03T00:00:00+00:00", "2026-03-03"),
        ("day", "2028-02-29T12:00:00+00:00", "2028-02-29"),
        ("day", "2026-03-03T00:30:00+02:00", "2026-03-02"),  # the UTC day, not the sender's
        ("week", "2026-03-02T00:00:00+00:00", "2026-W10"),  # a Monday
        ("week", "2026-03-01T23:59:59.999+00:00", "2026-W09"),  # the Sunday before it
        ("week", "2024-12-29T12:00:00+00:00", "2024-W52"),
        ("week", "2024-12-30T00:00:00+00:00", "2025-W01"),  # the ISO year begins in the old one
        ("week", "2025-12-31T12:00:00+00:00", "2026-W01"),
        ("week", "2026-12-31T12:00:00+00:00", "2026-W53"),
        ("week", "2027-01-03T23:59:59.999+00:00", "2026-W53"),  # and ends in the new one
        ("week", "2027-01-04T00:00:00+00:00", "2027-W01"),
        ("once", "2026-03-02T09:00:00+00:00", "once"),
    ],
)
def test_a_moment_falls_into_the_utc_hour_day_or_iso_week_that_holds_it(period, moment, bucket):
    assert date_bucket(period, at(moment)) == bucket


@pytest.mark.parametrize(
    ("period", "moment", "bucket"),
    [
        ("day", "2026-11-30T22:59:59Z", "2026-11-30"),
        ("day", "2026-11-30T23:00:00Z", "2026-12-01"),
        ("day", "2026-06-30T22:00:00Z", "2026-07-01"),  # summer time
        ("week", "2026-11-29T22:59:59Z", "2026-W48"),
        ("week", "2026-11-29T23:00:00Z", "2026-W49"),
        ("hour", "2026-10-25T00:30:00Z", "2026-10-25T02+0200"),
        ("hour", "2026-10-25T01:30:00Z", "2026-10-25T02+0100"),  # the hour that comes twice
        ("once", "2026-10-25T01:30:00Z", "once"),
    ],
)
def test_a_period_may_follow_the_clock_of_a_time_zone(period, moment, bucket):
    assert date_bucket(period, at(moment), ZoneInfo("Europe/Vienna")) == bucket


@given(st.integers(0, YEAR_2100), st.integers(0, 8 * DAY))
@settings(deadline=None)
def test_two_moments_share_a_week_exactly_when_no_monday_lies_between_them(moment, later):
    def monday(millis):  # 1970-01-05 was a Monday
        return (millis - 4 * DAY) // (7 * DAY)

    same = monday(moment) == monday(moment + later)

    assert (date_bucket("week", moment) == date_bucket("week", moment + later)) is same

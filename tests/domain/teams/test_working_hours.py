"""Working hours in a rep's own zone, holidays and changes of the clock included."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.instant import HOUR, MINUTE, from_datetime
from domain.teams.working_hours import ALWAYS, WorkingHours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours.model_validate(
    {"zone": "Europe/Berlin", "opens": "09:00", "closes": "17:00", "holidays": ["2026-12-25"]}
)


def at(text, zone=BERLIN):
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def test_a_day_opens_and_closes_in_the_zone_of_the_rep():
    assert not OFFICE.is_open(at("2026-11-30T08:59"))
    assert OFFICE.is_open(at("2026-11-30T09:00"))
    assert not OFFICE.is_open(at("2026-11-30T17:00"))
    assert OFFICE.is_open(at("2026-11-30T08:30", UTC))


def test_weekends_and_holidays_are_closed():
    assert not OFFICE.is_open(at("2026-11-29T12:00"))
    assert not OFFICE.is_open(at("2026-12-25T12:00"))
    assert OFFICE.next_open(at("2026-12-24T18:00")) == at("2026-12-28T09:00")


def test_a_deadline_counts_working_time_only():
    friday = at("2026-11-27T16:50")

    assert OFFICE.after(friday, 30 * MINUTE) == at("2026-11-30T09:20")
    assert OFFICE.between(friday, at("2026-11-30T09:20")) == 30 * MINUTE


def test_a_night_of_the_clock_change_has_its_real_length():
    night = WorkingHours.model_validate(
        {"zone": "Europe/Berlin", "days": ["sun"], "opens": "00:00", "closes": "24:00"}
    )

    assert night.between(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 23 * HOUR
    assert night.between(at("2026-10-25T00:00"), at("2026-10-26T00:00")) == 25 * HOUR


@given(start=st.integers(0, 4 * 10**12), working=st.integers(1, 10**9))
def test_the_deadline_lies_that_much_working_time_later(start, working):
    end = OFFICE.after(start, working)

    assert end is not None
    assert OFFICE.between(start, end) == working


@given(moment=st.integers(0, 4 * 10**12))
def test_hours_without_end_are_always_open(moment):
    assert ALWAYS.is_open(moment)
    assert ALWAYS.next_open(moment) == moment

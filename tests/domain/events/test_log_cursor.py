"""Cursors: each partition moves by itself, equal parts of what waits, and a text that gives the same place again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.events.log_cursor import LogCursor, Stretch, events_at

STRIDE = 2**44
NUMBERS = st.integers(0, 8).flatmap(
    lambda power: st.lists(
        st.integers(0, STRIDE - 1) | st.integers(0, 300), min_size=2**power, max_size=2**power
    )
)


def at(*numbers: int) -> LogCursor:
    """The place at these numbers of events of its partitions."""
    return LogCursor(tuple(partition * STRIDE + number for partition, number in enumerate(numbers)))


@given(NUMBERS)
def test_a_token_gives_the_place_again(numbers):
    cursor = at(*numbers)
    assert LogCursor.parse(cursor.token, len(numbers)) == cursor
    assert LogCursor.parse(str(cursor.token), len(numbers)) == cursor
    assert events_at(cursor.token) == cursor.events == sum(numbers)


def test_with_one_partition_a_token_is_the_position():
    assert at(7).token == 7
    assert LogCursor.parse("7", 1) == LogCursor.parse(7, 1) == at(7)


@pytest.mark.parametrize(
    ("token", "partitions"),
    [
        ("", 1),
        ("-1", 1),
        ("\u0667", 1),
        ("7" * 19, 1),
        (str(at(1, 2).token), 1),
        (7, 2),
        ("7", 2),
        ("not base64!", 2),
        ("\ud800", 2),
        (str(at(1, 2).token), 4),
        (str(at(1, 2, 3, 4).token), 2),
        ("gA", 1),
        ("AIA", 2),
        ("AYCAgICAgAQ", 2),
    ],
)
def test_what_is_no_place_in_the_log_is_refused(token, partitions):
    with pytest.raises(Invalid):
        LogCursor.parse(token, partitions)


def test_a_token_of_the_longest_log_fits_into_a_request():
    assert len(str(at(*[STRIDE - 1] * 256).token)) < 2_400


def test_partitions_move_by_themselves_and_never_back():
    cursor = at(5, 5).moved_to([3, STRIDE + 9])
    assert cursor == at(5, 9)
    assert cursor.includes(5)
    assert not cursor.includes(6)
    assert cursor.includes(STRIDE + 9)
    assert not cursor.includes(2 * STRIDE + 1), "a partition that the log does not have"


def test_a_place_is_held_back_in_the_partition_of_a_position_only():
    assert at(5, 5).held_back([3, 4, STRIDE + 9]) == at(3, 5)
    assert at(5, 5).held_back([STRIDE]) == at(5, 0)
    assert at(5).held_back([]) == at(5)
    assert at(5).held_back([3, 7]) == at(3)


def test_events_between_two_places_are_those_of_partitions_that_are_behind():
    assert at(5, 5).events_until(at(3, 9)) == 4
    assert at(3, 9).events_until(at(5, 5)) == 2
    assert at(1, 0).further(3, at(3, 2)) == at(3, 1)
    assert at(1, 0).further(9, at(3, 2)) == at(3, 2)
    assert at(1, 9).back(4) == at(0, 7)


def test_what_waits_is_read_in_equal_parts_so_that_a_busy_partition_keeps_no_other_waiting():
    newest = at(1000, 1000, 3, 0)
    stretches = at(0, 0, 0, 0).stretches(dict(enumerate(newest.positions)), 100)
    assert stretches == [
        Stretch(0, 48),
        Stretch(STRIDE, STRIDE + 49),
        Stretch(2 * STRIDE, 2 * STRIDE + 3),
    ]


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4), st.integers(1, 60))
def test_parts_are_at_most_what_was_asked_for_and_come_to_the_end(numbers, limit):
    cursor, end, calls = at(0, 0, 0, 0), at(*numbers), 0
    while cursor.events_until(end):
        stretches = cursor.stretches(dict(enumerate(end.positions)), limit)
        events = sum(up_to - after for after, up_to in stretches)
        assert events == min(limit, cursor.events_until(end))
        assert all(cursor.includes(one.after) for one in stretches)
        cursor, calls = cursor.moved_to(one.up_to for one in stretches), calls + 1
    assert cursor == end
    assert calls == -(-sum(numbers) // limit)

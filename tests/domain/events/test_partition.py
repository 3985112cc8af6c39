"""Partitions of the log: a stream is in one for ever, and a position says in which."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.events.partition import (
    EVENTS_PER_PARTITION,
    MAX_PARTITIONS,
    number_of,
    partition_at,
    partition_of,
    position_in,
    require_partitions,
)

STORED = {"ada": 202, "bob": 249, "": 18, "zo\xeb": 198, "\ud800": 56}
"""The first byte of what `b2sum --length=32` prints of the id: another function would look for leads where they are not."""

STREAMS = [f"lead-{number}" for number in range(4096)]


def test_the_partition_of_a_stream_is_the_one_that_is_stored_for_ever():
    assert {name: partition_of(name, 256) for name in STORED} == STORED


def test_one_partition_has_every_stream():
    assert {partition_of(name, 1) for name in STREAMS} == {0}


@pytest.mark.parametrize("partitions", [2, 16, 256])
def test_streams_are_spread_evenly(partitions):
    counts = Counter(partition_of(name, partitions) for name in STREAMS)
    expected = len(STREAMS) / partitions
    assert set(counts) == set(range(partitions))
    assert all(abs(count - expected) < 6 * expected**0.5 for count in counts.values())


@given(st.text(), st.integers(0, 7))
def test_twice_as_many_partitions_cut_each_in_two(name, exponent):
    assert partition_of(name, 2 ** (exponent + 1)) // 2 == partition_of(name, 2**exponent)


@given(st.integers(0, MAX_PARTITIONS - 1), st.integers(0, EVENTS_PER_PARTITION - 1))
def test_a_position_says_its_partition_and_is_exact_as_a_float(partition, number):
    position = position_in(partition, number)
    assert (partition_at(position), number_of(position)) == (partition, number)
    assert int(float(position)) == position


def test_positions_of_one_partition_are_1_2_3():
    assert [position_in(0, number) for number in (1, 2, 3)] == [1, 2, 3]


@pytest.mark.parametrize("wrong", [0, -1, 3, 257, 512])
def test_other_numbers_of_partitions_are_refused(wrong):
    with pytest.raises(Invalid, match=f"not {wrong}"):
        require_partitions(wrong)


@pytest.mark.parametrize("right", [1, 2, 4, 8, 16, 32, 64, 128, 256])
def test_powers_of_two_are_taken(right):
    assert require_partitions(right) == right

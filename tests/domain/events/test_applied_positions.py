"""Applied positions against the greatest position by partition, kept in a plain mapping."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.partition import is_after, partition_at, position_after, position_in

positions = st.builds(position_in, st.sampled_from([0, 1, 3, 255]), st.integers(1, 5))


def greatest(found):
    by_partition = {}
    for one in found:
        by_partition[partition_at(one)] = max(one, by_partition.get(partition_at(one), 0))
    return by_partition


def lies_in(stretches, position):
    return any(one.after < position and (one.up_to is None or position <= one.up_to) for one in stretches)


@given(st.lists(positions), st.lists(positions), positions)
def test_they_hold_the_greatest_position_of_each_partition(before, more, position):
    applied, known = AppliedPositions.of(before).moved_to(more), greatest([*before, *more])
    assert applied.positions == tuple(sorted(known.values()))
    assert applied == AppliedPositions.of([*more, *before])
    assert applied.last == max(known.values(), default=0)
    expected = position <= known.get(partition_at(position), 0)
    assert applied.includes(position) == expected
    assert lies_in(applied.rest(), position) != expected
    assert applied.reaches(AppliedPositions.of(more))


@given(st.lists(positions), st.lists(positions), positions)
def test_what_is_between_two_is_in_the_one_and_not_in_the_other(before, more, position):
    here = AppliedPositions.of(before)
    there = here.moved_to(more)
    expected = there.includes(position) and not here.includes(position)
    assert lies_in(here.until(there), position) == expected
    assert there.reaches(here)
    assert here.reaches(there) == (here == there)


@given(st.lists(positions), positions, positions)
def test_one_that_is_held_back_has_what_is_before_the_position_and_all_of_other_partitions(
    before, position, other
):
    applied = AppliedPositions.of(before)
    held = applied.held_back(position)
    is_behind = partition_at(other) == partition_at(position) and other >= position
    assert held.includes(other) == (applied.includes(other) and not is_behind)


def test_with_one_partition_they_are_one_number():
    applied = AppliedPositions(7)
    assert (applied.positions, applied.in_partition_of(9), applied.moved_to([9, 3]).last) == ((7,), 7, 9)
    assert (NOTHING_APPLIED.positions, NOTHING_APPLIED.includes(0), NOTHING_APPLIED.includes(1)) == (
        (),
        True,
        False,
    )
    (rest,) = applied.rest()
    assert (rest.after, rest.up_to) == (7, None)
    assert not applied.includes(position_after(7) + 1), "of another partition nothing is applied"


def test_events_of_two_partitions_are_compared_by_when_they_were_received():
    here, there = position_in(0, 9), position_in(1, 2)
    assert is_after(there, 20, here, 10)
    assert not is_after(there, 5, here, 10)
    assert is_after(here, 20, there, 10), "though its position is smaller"
    assert is_after(here, 5, position_in(0, 8), 10), "within a partition by position"

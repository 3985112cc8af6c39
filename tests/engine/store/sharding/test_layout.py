"""The layout of partitions: even, as few moves as can be, and written as ranges."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from engine.store.sharding.layout import Move, Range, even_layout, moves, ranges, rebalanced

SHARDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)
PARTITIONS = st.sampled_from([8, 16, 32, 64, 128, 256])


def is_even(layout, shards):
    held = Counter(layout)
    return set(held) == set(shards) and max(held.values()) - min(held.values()) <= 1


def test_two_shards_hold_a_half_each_and_a_third_takes_a_third_of_both():
    layout = even_layout(256, ["a", "b"])
    assert ranges(layout) == [Range(0, 128, "a"), Range(128, 256, "b")]
    after = rebalanced(layout, ["a", "b", "c"])
    assert Counter(after) == {"a": 86, "b": 85, "c": 85}
    assert Counter((move.source, move.target) for move in moves(layout, after)) == {
        ("a", "c"): 42,
        ("b", "c"): 43,
    }


def test_a_shard_that_leaves_gives_up_what_it_holds_and_no_other_does():
    layout = even_layout(8, ["a", "b"])
    assert moves(layout, rebalanced(layout, ["a"])) == [Move(p, "b", "a") for p in (4, 5, 6, 7)]


@given(PARTITIONS, SHARDS)
def test_an_even_layout_is_one_range_per_shard(partitions, shards):
    layout = even_layout(partitions, shards)
    assert is_even(layout, shards)
    assert [one.shard for one in ranges(layout)] == shards
    assert [shard for one in ranges(layout) for shard in [one.shard] * (one.end - one.first)] == list(layout)


@given(PARTITIONS, SHARDS, SHARDS)
def test_a_change_of_shards_moves_as_few_partitions_as_an_even_layout_can(partitions, before, after):
    layout = even_layout(partitions, before)
    new = rebalanced(layout, after)
    assert is_even(new, after)
    most = sorted((Counter(layout)[shard] for shard in after), reverse=True)
    share, more = divmod(partitions, len(after))
    stays = sum(min(held, share + (place < more)) for place, held in enumerate(most))
    assert len(moves(layout, new)) == partitions - stays
    assert rebalanced(new, after) == new


@pytest.mark.parametrize(
    ("partitions", "shards", "reason"),
    [
        (256, [], "at least one shard"),
        (256, ["a", ""], "none by an empty name"),
        (256, ["a", "a"], "a is named twice"),
        (1, ["a"], "at least 2"),
        (257, ["a"], "256"),
        (6, ["a"], "not 6"),
        (2, ["a", "b", "c"], "not enough for 3 shards"),
    ],
)
def test_what_can_be_no_layout_is_refused_with_the_reason(partitions, shards, reason):
    with pytest.raises(Invalid, match=reason):
        even_layout(partitions, shards)

"""The layout of partitions over shards: which shard holds which partition, and what moves when shards change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.errors import Invalid
from domain.events.partition import MAX_PARTITIONS, require_partitions

__all__ = [
    "MAX_PARTITIONS",
    "MIN_PARTITIONS",
    "Layout",
    "Move",
    "Range",
    "even_layout",
    "moves",
    "ranges",
    "rebalanced",
]

MIN_PARTITIONS = 2

Layout = tuple[str, ...]
"""The shard of each partition, in the order of partitions."""


@dataclass(frozen=True)
class Range:
    """The partitions from `first` up to, and without, `end`, which one shard holds."""

    first: int
    end: int
    shard: str


@dataclass(frozen=True)
class Move:
    """One partition that goes from a shard to another."""

    partition: int
    source: str
    target: str


def even_layout(partitions: int, shards: Sequence[str]) -> Layout:
    """Each shard holds one range of partitions, as many as the others, or one more.

    Raises `Invalid` for shards that are named twice or not at all, and for fewer partitions than shards.
    """
    _check(partitions, shards)
    return tuple(shards[partition * len(shards) // partitions] for partition in range(partitions))


def rebalanced(layout: Layout, shards: Sequence[str]) -> Layout:
    """The layout over other shards that moves as few partitions as an even one can.

    Shards that are missing in `shards` give up all they hold. Raises `Invalid` as `even_layout` does.
    """
    _check(len(layout), shards)
    wanted = _shares(layout, shards)
    kept: Counter[str] = Counter()
    new: list[str | None] = []
    for shard in layout:
        keeps = kept[shard] < wanted.get(shard, 0)
        kept[shard] += keeps
        new.append(shard if keeps else None)
    open_places = _open_places(wanted, kept, shards)
    return tuple(shard or next(open_places) for shard in new)


def _shares(layout: Layout, shards: Sequence[str]) -> dict[str, int]:
    """How many partitions each shard is to hold: the larger shares for those that hold most now."""
    share, more = divmod(len(layout), len(shards))
    held = Counter(layout)
    by_size = sorted(shards, key=lambda shard: -held[shard])
    return {shard: share + (place < more) for place, shard in enumerate(by_size)}


def _open_places(wanted: dict[str, int], kept: Counter[str], shards: Collection[str]) -> Iterator[str]:
    for shard in shards:
        yield from [shard] * (wanted[shard] - kept[shard])


def ranges(layout: Layout) -> list[Range]:
    """The layout as ranges, in order: the fewest that say the same."""
    found: list[Range] = []
    for shard, group in groupby(layout):
        first = found[-1].end if found else 0
        found.append(Range(first, first + len(list(group)), shard))
    return found


def moves(before: Layout, after: Layout) -> list[Move]:
    """The partitions to move, one after the other, to get from a layout to another of as many partitions."""
    pairs = enumerate(zip(before, after, strict=True))
    return [Move(partition, source, target) for partition, (source, target) in pairs if source != target]


def _check(partitions: int, shards: Sequence[str]) -> None:
    if not shards or not all(shards):
        raise Invalid("shard: name at least one shard, and none by an empty name.")
    if twice := [shard for shard, times in Counter(shards).items() if times > 1]:
        raise Invalid(f"shard: {twice[0]} is named twice.")
    if require_partitions(partitions) < MIN_PARTITIONS:
        raise Invalid("partitions: at least 2; a store of one partition is on one shard.")
    if partitions < len(shards):
        raise Invalid(f"partitions: {partitions} are not enough for {len(shards)} shards.")

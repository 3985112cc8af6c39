"""Partitions of the log: which one a lead's events are in, and the position of an event within all of them.

Every partition has positions of its own, without a gap. With one partition they are 1, 2, 3 and so on; a position of another
one has its partition in the upper bits, so that one number is enough wherever a position is kept or shown. 256 partitions of
`EVENTS_PER_PARTITION` end at 2^52: every position is exact in JSON and in JavaScript.
"""

from __future__ import annotations

from hashlib import blake2b

from domain.errors import Invalid
from domain.instant import Millis

__all__ = [
    "EVENTS_PER_PARTITION",
    "MAX_PARTITIONS",
    "are_in_one",
    "dispatcher_leases",
    "groups_of",
    "is_after",
    "number_of",
    "partition_at",
    "partition_of",
    "position_after",
    "position_in",
    "require_partitions",
]

EVENTS_PER_PARTITION = 2**44
"""Distance between the positions of two partitions; a partition holds one event less."""

MAX_PARTITIONS = 256

_MAX_GROUPS = 16
"""Each has a lease to renew and a loop of its own."""
_DISPATCHER = "dispatcher"


def require_partitions(partitions: int) -> int:
    """The number of partitions, if a log can have so many: a power of two up to `MAX_PARTITIONS`. Raises `Invalid`."""
    if not 1 <= partitions <= MAX_PARTITIONS or partitions & (partitions - 1):
        raise Invalid(f"A log has 1, 2, 4 ... {MAX_PARTITIONS} partitions, not {partitions}.")
    return partitions


def partition_of(stream_id: str, partitions: int) -> int:
    """The partition of a stream, from 0: the same in every process and for ever, as it is in what is stored.

    The upper bits of the hash decide, so that a log with twice as many partitions cuts each of them in two.
    """
    if partitions == 1:
        return 0
    digest = blake2b(stream_id.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") * partitions >> 32


def position_in(partition: int, number: int) -> int:
    """The position of the event with this number, from 1, in a partition; number 0 is the place before the first."""
    return partition * EVENTS_PER_PARTITION + number


def position_after(position: int) -> int:
    """The place before the first event of the partition that follows that of a position."""
    return position_in(partition_at(position) + 1, 0)


def partition_at(position: int) -> int:
    """The partition in which a position lies."""
    return position // EVENTS_PER_PARTITION


def are_in_one(position: int, other: int) -> bool:
    """Whether two positions lie in the same partition."""
    return position // EVENTS_PER_PARTITION == other // EVENTS_PER_PARTITION


def is_after(position: int, received_at: Millis, other: int, other_received_at: Millis) -> bool:
    """Whether one event was stored after another: of two partitions the times of receipt decide, and after is at the same, too."""
    if are_in_one(position, other):
        return position > other
    return received_at >= other_received_at


def number_of(position: int) -> int:
    """The number of an event in its partition, from 1."""
    return position % EVENTS_PER_PARTITION


def groups_of(partitions: int) -> list[range]:
    """The partitions in up to 16 groups of as many each, which dispatchers share."""
    size = max(partitions // _MAX_GROUPS, 1)
    return [range(first, first + size) for first in range(0, partitions, size)]


def dispatcher_leases(partitions: int) -> list[str]:
    """The names of the leases under which a log of so many partitions is dispatched: one for each group."""
    if partitions == 1:
        return [_DISPATCHER]
    return [f"{_DISPATCHER}:{group}" for group in range(len(groups_of(partitions)))]

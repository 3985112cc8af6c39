"""Applied positions: how far a lead has been applied, as a position in each partition of the log that its streams lie in.

A lead of one stream has one. Only a merge of streams of several partitions gives it more, since positions of two partitions
cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from msgspec import Struct

from domain.events.log_cursor import Stretch
from domain.events.partition import EVENTS_PER_PARTITION, partition_at, position_in

__all__ = ["NOTHING_APPLIED", "AppliedPositions"]


class AppliedPositions(Struct, frozen=True, gc=False):
    """The greatest applied position of a lead in each partition: `last` is the greatest of all, 0 if nothing is applied.

    `elsewhere` are those of the other partitions, in their order.
    """

    last: int = 0
    elsewhere: tuple[int, ...] = ()

    @classmethod
    def of(cls, positions: Iterable[int]) -> Self:
        """Up to each of these positions in its partition; the greatest of a partition counts."""
        return cls().moved_to(positions)

    @property
    def positions(self) -> tuple[int, ...]:
        """The position in each partition, in the order of partitions; empty if nothing is applied."""
        return (*self.elsewhere, self.last) if self.last else ()

    def in_partition_of(self, position: int) -> int:
        """The applied position in the partition of another one; the place before its first event if there is none."""
        start = position - position % EVENTS_PER_PARTITION
        for one in (self.last, *self.elsewhere):
            if 0 <= one - start < EVENTS_PER_PARTITION:
                return one
        return start

    def includes(self, position: int) -> bool:
        """Whether the event at a position, if it is of the lead, is applied."""
        return position <= self.in_partition_of(position)

    def reaches(self, other: AppliedPositions) -> bool:
        """Whether all that is applied there is applied here."""
        return all(self.includes(one) for one in other.positions)

    def moved_to(self, positions: Iterable[int]) -> Self:
        """With these positions applied too. No partition goes back."""
        greatest = {partition_at(one): one for one in sorted((*self.positions, *positions)) if one}
        if not greatest:
            return self
        *elsewhere, last = greatest.values()
        return type(self)(last, tuple(elsewhere))

    def held_back(self, position: int) -> Self:
        """The same, but in the partition of a position not up to this one."""
        others = [one for one in self.positions if partition_at(one) != partition_at(position)]
        return type(self).of([*others, min(self.in_partition_of(position), position - 1)])

    def rest(self) -> list[Stretch]:
        """Where in the log events lie that are not applied: behind each position, and in all other partitions."""
        found, after = [], 0
        for one in self.positions:
            if start := position_in(partition_at(one), 0):
                found.append(Stretch(after, start))
            after = one
        return [*found, Stretch(after)]

    def until(self, other: AppliedPositions) -> list[Stretch]:
        """Where in the log events lie that are not applied here, and are in a later one."""
        return [Stretch(self.in_partition_of(one), one) for one in other.positions]


NOTHING_APPLIED = AppliedPositions()

"""Cursors into the log: one position per partition, up to which its events have been read.

Within a partition events are read in their order; between partitions there is none. With one partition a cursor is one
position, and is stored as that number.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from msgspec import Struct

from domain.errors import Invalid
from domain.events.partition import EVENTS_PER_PARTITION, number_of, partition_at, partition_of, position_in

__all__ = ["LogCursor", "Stretch", "events_at"]

_REFUSED = "This is not a cursor of this log."
_BITS, _LOW, _MORE = 7, 0x7F, 0x80
"""Of a number in groups of bits: how many, their mask, and the mark of a group that others follow."""


class Stretch(NamedTuple):
    """Events of one partition: those behind a position, up to and with another one, or to the end."""

    after: int
    up_to: int | None = None


class LogCursor(Struct, frozen=True):
    """A place in the log. `positions` are by partition; where nothing was read it is the place before the first event."""

    positions: tuple[int, ...]

    @classmethod
    def start(cls, partitions: int) -> Self:
        """Before the first event of every partition."""
        return cls(tuple(position_in(one, 0) for one in range(partitions)))

    @classmethod
    def of(cls, partitions: int, positions: Iterable[int]) -> Self:
        """At these positions, and at the start of the partitions of which there is none."""
        return cls.start(partitions).moved_to(positions)

    def includes(self, position: int) -> bool:
        """Whether the event at a position is at or before this place."""
        partition = partition_at(position)
        return partition < len(self.positions) and position <= self.positions[partition]

    def of_stream(self, stream_id: str) -> int:
        """How far the place is in the partition of a stream."""
        return self.positions[partition_of(stream_id, len(self.positions))]

    def moved_to(self, positions: Iterable[int]) -> Self:
        """The place that is reached with these positions too. No partition goes back."""
        if len(self.positions) == 1:
            return type(self)((max((*self.positions, *positions)),))
        moved = list(self.positions)
        for position in positions:
            partition = partition_at(position)
            moved[partition] = max(moved[partition], position)
        return type(self)(tuple(moved))

    def held_back(self, positions: Iterable[int]) -> Self:
        """The same place, but in its partition no further than each of these positions."""
        if len(self.positions) == 1:
            return type(self)((min((*self.positions, *positions)),))
        held = list(self.positions)
        for position in positions:
            partition = partition_at(position)
            held[partition] = min(held[partition], position)
        return type(self)(tuple(held))

    def further(self, events: int, end: LogCursor) -> Self:
        """The place so many events further on, at most the end; one partition after the other."""
        moved = []
        for here, there in zip(self.positions, end.positions, strict=True):
            step = min(events, max(there - here, 0))
            events -= step
            moved.append(here + step)
        return type(self)(tuple(moved))

    def back(self, events: int) -> Self:
        """So many events back, in equal parts of all partitions, at least one of each; at most to the start."""
        part = max(events // len(self.positions), 1)
        return type(self)(tuple(one - min(part, number_of(one)) for one in self.positions))

    @property
    def events(self) -> int:
        """How many events are at or before this place."""
        return sum(map(number_of, self.positions))

    def events_until(self, other: LogCursor) -> int:
        """How many events are between this place and a later one; a partition in which it is an earlier one has none."""
        return sum(max(there - here, 0) for here, there in zip(self.positions, other.positions, strict=True))

    def stretches(self, newest: Mapping[int, int], limit: int) -> list[Stretch]:
        """The next events up to the newest position of each partition, `limit` of all partitions together.

        Positions have no gap, so each partition gets an equal part, and more where others have fewer: a busy one
        does not keep the rest waiting.
        """
        waiting = {one: at - self.positions[one] for one, at in newest.items() if at > self.positions[one]}
        found, left = [], limit
        for done, (partition, events) in enumerate(sorted(waiting.items(), key=lambda one: one[1])):
            part = min(events, left // (len(waiting) - done))
            if part:
                after = self.positions[partition]
                found.append(Stretch(after, after + part))
                left -= part
        return sorted(found)

    @property
    def token(self) -> int | str:
        """What is stored or shown of the place: the position where there is one partition, else an opaque text."""
        if len(self.positions) == 1:
            return self.positions[0]
        numbers = b"".join(_varint(number_of(one)) for one in self.positions)
        return urlsafe_b64encode(numbers).rstrip(b"=").decode()

    @classmethod
    def parse(cls, token: int | str, partitions: int) -> Self:
        """The place that `token` was made of. Raises `Invalid` for anything else, and for one of another number of partitions."""
        if isinstance(token, int):
            numbers = [token]
        elif partitions == 1:
            numbers = _number(token)
        else:
            numbers = _varints(token)
        if len(numbers) != partitions or any(one >= EVENTS_PER_PARTITION for one in numbers):
            raise Invalid(_REFUSED)
        return cls(tuple(position_in(*one) for one in enumerate(numbers)))


def events_at(token: int | str) -> int:
    """How many events are at or before the place of a token, in a log of however many partitions. Raises `Invalid`."""
    return token if isinstance(token, int) else sum(_varints(token))


def _number(text: str) -> list[int]:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(EVENTS_PER_PARTITION))):
        raise Invalid(_REFUSED)
    return [int(text)]


def _varint(number: int) -> bytes:
    """The number in groups of seven bits, the lowest first (LEB128)."""
    groups = bytearray()
    while number >> _BITS:
        groups.append(number & _LOW | _MORE)
        number >>= _BITS
    groups.append(number)
    return bytes(groups)


def _varints(text: str) -> list[int]:
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError) as error:
        raise Invalid(_REFUSED) from error
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & _LOW) << shift
        if byte & _MORE:
            shift += _BITS
        else:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise Invalid(_REFUSED)
    return numbers

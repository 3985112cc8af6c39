"""Catch-up subscriptions to the log: what comes after a cursor, of all partitions or of a group of them.

The events of a partition come in their order. Partitions that are behind are read in equal parts and in no order among
each other. A subscription keeps no place: its reader does, as a checkpoint or in a document of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any, NamedTuple, Protocol

from domain.events.log_cursor import LogCursor, Stretch
from engine.capture.log.event_log import EventLog, Lag, Span
from engine.capture.stored_event import StoredEvent

__all__ = ["LeadsRead", "LogSlice", "ReadSlice", "Subscription"]


class LogSlice(NamedTuple):
    """Some events of a stretch of one partition, and the position up to which it was looked through for them."""

    events: list[StoredEvent]
    position: int


class ReadSlice(Protocol):
    """Reads the next events of a kind behind a position, at most up to another one of the same partition."""

    def __call__(self, position: int, up_to: int, /) -> Coroutine[Any, Any, LogSlice]: ...


class LeadsRead(NamedTuple):
    """The leads of the events that were read, each with its span of them, and the place behind these events."""

    leads: dict[str, Span]
    cursor: LogCursor


class Subscription:
    """Reads the log from a cursor on. `partitions` are those of a group; the others stay where a cursor has them."""

    def __init__(self, log: EventLog, partitions: range | None = None) -> None:
        self._log = log
        self._partitions = range(log.partitions) if partitions is None else partitions

    async def leads_after(
        self, cursor: LogCursor, limit: int, *, up_to: LogCursor | None = None
    ) -> LeadsRead:
        """The leads of the next `limit` events, at most up to another place."""
        stretches = await self._next(cursor, limit, up_to)
        if not stretches:
            return LeadsRead({}, cursor)
        leads = await self._log.leads_in(stretches, limit)
        return LeadsRead(leads, cursor.moved_to(span.last for span in leads.values()))

    async def events_after(
        self, cursor: LogCursor, limit: int, *, up_to: LogCursor | None = None
    ) -> tuple[list[StoredEvent], LogCursor]:
        """The next `limit` events, those too that cannot be decoded, and the place behind them."""
        stretches = await self._next(cursor, limit, up_to)
        events = await self._log.events_in(stretches, limit) if stretches else []
        return events, cursor.moved_to(one.position for one in events)

    async def slices(
        self, cursor: LogCursor, read: ReadSlice, *, up_to: LogCursor
    ) -> AsyncGenerator[tuple[list[StoredEvent], LogCursor]]:
        """The events of a kind up to a place, and the place behind each slice of them.

        One partition after the other: a slice looks through many events, and ends where it has found some.
        """
        for partition in self._partitions:
            position, last = cursor.positions[partition], up_to.positions[partition]
            while position < last:
                events, position = await read(position, last)
                cursor = cursor.moved_to([position])
                yield events, cursor

    async def end(self) -> LogCursor:
        """The place of the newest events, and the start of the partitions of other groups."""
        return LogCursor.of(self._log.partitions, (await self._log.newest(self._partitions)).values())

    async def lag(self, cursor: LogCursor) -> Lag:
        """How far a reader that has come to a place is behind."""
        return await self._log.lag(cursor, await self.end())

    async def _next(self, cursor: LogCursor, limit: int, up_to: LogCursor | None) -> Sequence[Stretch]:
        if self._log.partitions == 1:  # which is read without a look at its end
            last = None if up_to is None else up_to.positions[0]
            return [Stretch(cursor.positions[0], last)]
        newest = await self._log.newest(self._partitions)
        if up_to is not None:
            newest = {one: min(at, up_to.positions[one]) for one, at in newest.items()}
        return cursor.stretches(newest, limit)

"""The appender of a process: admission control, group commit and positions, put together and started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from domain.errors import Unavailable
from domain.events.event import NewEvent
from engine.capture.deduplication import Appended
from engine.capture.log.admission import Admission, Slot
from engine.capture.log.group_commit import GroupCommit
from engine.capture.log.positions import Positions
from engine.capture.log.turns import Turns
from engine.capture.log.writer import EventWriter
from engine.process.tasks import cancel_and_wait
from engine.store.mongo import Client

__all__ = ["Appender"]

CLOSE_SECONDS = 5
"""Longest that closing waits for what is in the queue to be written."""


class Appender:
    """Appends events to the log, those of one call together or not at all.

    One appender serves a process. Several processes may append at once: of those that take the same position one is
    stored, and the others go on after it; with `turns` they then append one after the other. `stored` is called whenever
    events have been stored.
    """

    def __init__(
        self,
        client: Client,
        writer: EventWriter,
        *,
        batch_events: int,
        linger_seconds: float,
        queue_events: int,
        stored: Callable[[], None] = lambda: None,
        turns: Turns | None = None,
    ) -> None:
        self._admission = Admission(queue_events)
        self._positions = Positions(client, writer, turns)
        self._commits = GroupCommit(
            self._admission,
            self._positions,
            batch_events=batch_events,
            linger_seconds=linger_seconds,
            stored=stored,
        )
        self._writer: asyncio.Task[None] | None = None

    @property
    def waiting_events(self) -> int:
        """Events that wait for a group commit, or are being prepared for it."""
        return self._admission.waiting_events

    def start(self) -> None:
        """Begin to write, on the running event loop."""
        self._writer = asyncio.create_task(self._commits.run(), name="appender")
        self._admission.open()

    async def close(self) -> None:
        """Refuse further events, write what is in the queue, then stop. What cannot be written in time is refused."""
        self._admission.close()
        writer, self._writer = self._writer, None
        if writer is not None:
            await self._admission.until_answered(CLOSE_SECONDS)
            await cancel_and_wait(writer)
            self._admission.fail_all(Unavailable("The engine is stopping; repeat the request."))

    def require_room(self) -> None:
        """Raise `Unavailable` when `reserve` would: when the queue is full, or closed.

        To be called before a request is decoded, so that under pressure a refusal costs a tenth of what taking it would.
        """
        self._admission.require_room()

    def reserve(self, events: int) -> Slot:
        """Room for the events of one call, to be prepared and appended within the context.

        Entering it raises `Unavailable` when the queue is full.
        """
        return Slot(self._admission, events)

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Store events that need no preparation durably, all or none; one result each, in their order.

        Raises what `reserve` and `Slot.append` raise.
        """
        async with self.reserve(len(events)) as slot:
            return await slot.append(events)

    def forget(self) -> None:
        """Read the newest position again before the next append: events were taken out of the store."""
        self._positions.forget()

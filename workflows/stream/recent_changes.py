"""The recent changes of leads, shared by all clients of the stream: what a client keeps is one number.

Changes are gathered into batches, at most ten per second, and fewer for many clients. A client that keeps up is given each batch
as it is; one that is behind is given several as one, each lead once. Either is the same object for all clients, so that its
frame is encoded once. One that is further behind than what is kept has to read everything again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from domain.events.log_cursor import LogCursor

__all__ = ["Changes", "RecentChanges", "batch_interval"]

_MIN_INTERVAL_SECONDS, _MAX_INTERVAL_SECONDS = 0.1, 0.5
_SECONDS_PER_CLIENT = 0.0004
"""A frame costs a tenth of it in processor time, so frames take about a tenth of a core, however many clients there are."""
_NOWHERE = LogCursor(())
MAX_BATCHES = 600
MAX_LEADS = 20_000
"""Leads in all batches that are kept."""


def batch_interval(clients: int) -> float:
    """Seconds between two batches at least, for so many clients: each batch costs a frame per client."""
    return min(max(_MIN_INTERVAL_SECONDS, clients * _SECONDS_PER_CLIENT), _MAX_INTERVAL_SECONDS)


class Changes:
    """The newest position per changed lead, and the watermark: everything up to it is among these or earlier ones."""

    __slots__ = ("leads", "place")

    def __init__(self, leads: Mapping[str, int], place: LogCursor) -> None:
        self.leads = leads
        self.place = place


class RecentChanges:
    """Numbered batches of changes. The first one has the number 0."""

    def __init__(self) -> None:
        self._batches: deque[Changes] = deque()
        self._kept_leads = 0
        self._next = 0
        self._joined: dict[int, Changes] = {}
        self._arrived = asyncio.Event()

    @property
    def next_number(self) -> int:
        """The number of the batch that comes next."""
        return self._next

    def add(self, changes: Changes) -> None:
        """Keep a batch and wake all clients."""
        self._batches.append(changes)
        self._kept_leads += len(changes.leads)
        self._next += 1
        self._joined.clear()
        while len(self._batches) > MAX_BATCHES or self._kept_leads > MAX_LEADS:
            self._kept_leads -= len(self._batches.popleft().leads)
        self.wake()

    def forget(self) -> None:
        """Every client has to read everything again."""
        self._batches.clear()
        self._kept_leads = 0
        self._next += 1
        self._joined.clear()
        self.wake()

    def wake(self) -> None:
        """Let all clients look, whether there is anything or not."""
        self._arrived.set()
        self._arrived = asyncio.Event()

    async def wait(self) -> None:
        """Return at the next batch, or when all clients are woken."""
        await self._arrived.wait()

    def since(self, number: int) -> Changes | None:
        """All batches from this number on as one, the same for everybody; None if they are not kept any more."""
        first = self._next - len(self._batches)
        if number < first:
            return None
        if number == self._next - 1:
            return self._batches[-1]
        if number not in self._joined:
            batches = [self._batches[index] for index in range(number - first, len(self._batches))]
            leads = {lead_id: at for batch in batches for lead_id, at in batch.leads.items()}
            self._joined[number] = Changes(leads, batches[-1].place if batches else _NOWHERE)
        return self._joined[number]

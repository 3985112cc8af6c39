"""One simulated process, and its way to a queue that loses, doubles and reorders messages."""

from __future__ import annotations

import asyncio
from typing import Any

from pymongo.errors import AutoReconnect

from domain.errors import Unavailable
from domain.instant import SECOND
from engine.queue.broker import DUE_WORK, LEADS

__all__ = ["BEGINNING", "Process", "WorkQueue"]

BEGINNING = 1_795_348_800_000
"""2026-11-22 12:00 UTC."""
TRANSACTION_SECONDS = 5.0
"""How long the server keeps the transaction of a process that has died."""


class Process:
    """One process of the engine: it takes steps until it dies, and then takes none ever again."""

    def __init__(self, world: Any, kind: str) -> None:
        self.kind = kind
        self.dead = False
        self.is_done = kind != "decay"
        self.open: dict[int, Any] = {}
        self.tasks: list[asyncio.Task[Any]] = []
        self._world = world
        skew = world.chance.randrange(-90, 91) * SECOND
        self.runtime = world.wire(self, lambda: BEGINNING + round(world.loop.time() * 1000) + skew)

    async def step(self, *, faulty: bool = True) -> None:
        """Take some time. Raises `AutoReconnect` now and then; never returns in a dead process."""
        world = self._world
        if world.loop.is_over:
            raise asyncio.CancelledError
        chance = world.chance.random
        await world.loop.pause(chance() * (1.0 if chance() < world.turmoil else 0.01))
        if self.dead:
            await world.loop.create_future()
        if faulty and chance() < world.turmoil:
            raise AutoReconnect("no answer")

    def has_bad_luck(self) -> bool:
        return self._world.chance.random() < self._world.turmoil

    def die(self) -> None:
        """Stop for ever, in the middle of whatever it does. The server ends its transactions a while later."""
        self.dead = True
        self._world.loop.call_later(TRANSACTION_SECONDS, self._end_transactions)

    def _end_transactions(self) -> None:
        for transaction in self.open.values():
            transaction.end()
        self.open.clear()


class WorkQueue:
    """A queue that loses, doubles and reorders messages."""

    def __init__(self, world: Any, process: Process) -> None:
        self._world = world
        self._process = process

    async def enqueue_leads(self, lead_ids) -> None:
        ids = sorted(lead_ids)  # some come as a set, whose order is not the same in every process
        for start in range(0, len(ids), 2):
            await self._enqueue(LEADS, ids[start : start + 2])

    async def try_enqueue_due(self, kind: str) -> bool:
        try:
            await self._enqueue(DUE_WORK, [kind])
        except Unavailable:
            return False
        return True

    async def waiting_messages(self, queue: str) -> int:
        await self._step()
        return sum(message[0] == queue for message in self._world.queue)

    async def _enqueue(self, queue: str, ids: list[str]) -> None:
        await self._step()
        copies = 1
        if self._process.has_bad_luck():
            copies = self._world.chance.choice((0, 2))
        self._world.queue += [(queue, ids)] * copies
        self._world.enqueued.set()

    async def _step(self) -> None:
        try:
            await self._process.step()
        except AutoReconnect as error:
            raise Unavailable("Redis does not answer") from error

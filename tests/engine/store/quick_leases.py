"""Leases for tests of several processes: looked at several times a second, and lasting however slow the machine is."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from engine.store.leases import Leases

__all__ = ["QuickLeases", "run_out"]


class QuickLeases(Leases):
    """They last ten minutes unless a test says otherwise. `fall_silent` makes them stay when their holder ends."""

    def __init__(self, database, holder, seconds=600.0):
        super().__init__(database, holder, seconds)
        self.rounds = 0
        """How often its holder has begun to look for its share."""
        self._is_silent = False
        self._turns = defaultdict(asyncio.Lock)

    @property
    def pause(self):
        return 0.2

    def fall_silent(self):
        """From now on release nothing, as a process that is killed."""
        self._is_silent = True

    async def join(self, name):
        self.rounds += 1
        return await super().join(name)

    async def take(self, name):
        """Also to its end where its caller is cancelled: MongoDB may do what it was asked for after a later release."""
        return await asyncio.shield(asyncio.create_task(self._take(name)))

    async def _take(self, name):
        async with self._turns[name]:
            return await super().take(name)

    async def release(self, name):
        async with self._turns[name]:
            if not self._is_silent:
                await super().release(name)


async def run_out(database, holder):
    """The leases of a holder that has fallen silent run out."""
    await database["leases"].update_many(
        {"holder": holder}, [{"$set": {"expiresAt": {"$subtract": ["$$NOW", 1]}}}]
    )

"""Leases for tests of several processes: looked at several times a second, and lasting however slow the machine is."""

from __future__ import annotations

from engine.store.leases import Leases

__all__ = ["QuickLeases", "run_out"]


class QuickLeases(Leases):
    """They last ten minutes unless a test says otherwise. `fall_silent` makes them stay when their holder ends."""

    def __init__(self, database, holder, seconds=600.0):
        super().__init__(database, holder, seconds)
        self._is_silent = False

    @property
    def pause(self):
        return 0.2

    def fall_silent(self):
        """From now on release nothing, as a process that is killed."""
        self._is_silent = True

    async def release(self, name):
        if not self._is_silent:
            await super().release(name)


async def run_out(database, holder):
    """The leases of a holder that has fallen silent run out."""
    await database["leases"].update_many(
        {"holder": holder}, [{"$set": {"expiresAt": {"$subtract": ["$$NOW", 1]}}}]
    )

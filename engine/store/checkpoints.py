"""How far a job has come, so that it goes on from there after a stop."""

from __future__ import annotations

from engine.store.collection import CollectionSpec
from engine.store.mongo import Database

__all__ = ["CHECKPOINTS", "Checkpoints"]

CHECKPOINTS = CollectionSpec("checkpoints", free_of_personal_data="positions, and ids of leads")


class Checkpoints:
    """Named marks: a position that only grows, or the last lead of a pass over all leads."""

    def __init__(self, database: Database) -> None:
        self._marks = CHECKPOINTS.of(database)

    async def position(self, name: str) -> int:
        """The position reached, 0 at first."""
        doc = await self._marks.find_one({"_id": name})
        return doc["position"] if doc else 0

    async def advance(self, name: str, position: int) -> None:
        """Move the mark forward; it never goes back."""
        await self._marks.update_one({"_id": name}, {"$max": {"position": position}}, upsert=True)

    async def last_lead(self, name: str) -> str:
        """The last lead that a pass has finished, empty at first."""
        doc = await self._marks.find_one({"_id": name})
        return doc["leadId"] if doc else ""

    async def passed(self, name: str, lead_id: str) -> None:
        """Note that a pass has finished all leads up to this one."""
        await self._marks.update_one({"_id": name}, {"$set": {"leadId": lead_id}}, upsert=True)

    async def clear(self, name: str) -> None:
        """Forget the mark: the pass is complete."""
        await self._marks.delete_one({"_id": name})

"""Checkpoints of jobs that follow the log or pass over all leads, so that they go on from there after a stop."""

from __future__ import annotations

from domain.events.log_cursor import LogCursor
from domain.events.partition import number_of, partition_at
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["CHECKPOINTS", "Checkpoints"]

CHECKPOINTS = CollectionSpec(
    "checkpoints", Distribution.UNSHARDED, free_of_personal_data="positions, counts, and ids of leads"
)


class Checkpoints:
    """Named checkpoints: a place in the log that only moves forward, the last lead of a pass over all leads, or an import's progress."""

    def __init__(self, database: Database) -> None:
        self._checkpoints = CHECKPOINTS.of(database)

    async def cursor(self, name: str, partitions: int) -> LogCursor:
        """The place that was reached in a log of so many partitions, its start at first."""
        doc = await self._checkpoints.find_one({"_id": name}) or {}
        return LogCursor.of(partitions, [doc.get("position", 0), *doc.get("positions", {}).values()])

    async def advance(self, name: str, cursor: LogCursor) -> None:
        """Move the checkpoint forward, each partition by itself: none goes back, also where other processes advance the rest."""
        if reached := {_field(partition_at(one)): one for one in cursor.positions if number_of(one)}:
            await self._checkpoints.update_one({"_id": name}, {"$max": reached}, upsert=True)

    async def last_lead(self, name: str) -> str:
        """The last lead that a pass has finished, empty at first."""
        doc = await self._checkpoints.find_one({"_id": name})
        return doc["leadId"] if doc else ""

    async def advance_lead(self, name: str, lead_id: str) -> None:
        """Record that a pass has finished all leads up to this one."""
        await self._checkpoints.update_one({"_id": name}, {"$set": {"leadId": lead_id}}, upsert=True)

    async def progress(self, name: str) -> str | None:
        """The progress that was recorded last."""
        doc = await self._checkpoints.find_one({"_id": name})
        return doc["progress"] if doc else None

    async def record_progress(self, name: str, progress: str) -> None:
        """Replace the recorded progress. It must hold nothing that says who a person is."""
        await self._checkpoints.update_one({"_id": name}, {"$set": {"progress": progress}}, upsert=True)

    async def clear(self, name: str) -> None:
        """Delete the checkpoint, and those of its shares, which are named `name:share`: the pass is complete."""
        shares = {"$gte": f"{name}:", "$lt": f"{name};"}  # ";" comes after ":"
        await self._checkpoints.delete_many({"$or": [{"_id": name}, {"_id": shares}]})


def _field(partition: int) -> str:
    """Where the position of a partition is kept: that of the first one as in a log that has no other."""
    return f"positions.{partition}" if partition else "position"

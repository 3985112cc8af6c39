"""When each background loop of the engine last completed a pass, whichever process ran it."""

from __future__ import annotations

import time

from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from engine.store.collection import CollectionSpec
from engine.store.mongo import Database

__all__ = ["LOOPS", "LoopHealth"]

LOOPS = CollectionSpec("loops", free_of_personal_data="names and times of background loops")

_NOTE_SECONDS = 5.0
"""A loop that completes more often is noted this often."""


class LoopHealth:
    """Notes of completed passes by the name of the loop. One that is lost makes a loop look older than it is."""

    def __init__(self, database: Database) -> None:
        self._loops = LOOPS.of(database).with_options(write_concern=WriteConcern(w=1))
        self._noted_at: dict[str, float] = {}

    async def completed(self, name: str) -> None:
        """Note that a loop of this name has completed a pass. Never raises what the store raises."""
        now = time.monotonic()
        if now < self._noted_at.get(name, -_NOTE_SECONDS) + _NOTE_SECONDS:
            return
        self._noted_at[name] = now
        try:
            await self._loops.update_one({"_id": name}, {"$currentDate": {"completedAt": True}}, upsert=True)
        except PyMongoError:
            del self._noted_at[name]

    async def ages(self) -> dict[str, float]:
        """The seconds since each loop last completed a pass, by the clock of the database."""
        age = {"$divide": [{"$subtract": ["$$NOW", "$completedAt"]}, 1000]}
        found = await self._loops.aggregate([{"$project": {"age": age}}])
        return {doc["_id"]: max(doc["age"], 0.0) async for doc in found}

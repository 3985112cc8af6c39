"""Health of the background loops: when each last completed a pass, in any process, and the outcomes of its work."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["LOOPS", "LoopHealth", "LoopRecord"]

LOOPS = CollectionSpec(
    "loops", Distribution.UNSHARDED, free_of_personal_data="names, times and counts of background loops"
)

_NOTE_SECONDS = 5.0
"""Minimum interval between two records of one loop."""


class LoopRecord(Struct, frozen=True):
    """Seconds since a loop last completed a pass, by the clock of the database, and its outcomes counted by kind."""

    seconds_ago: float
    outcomes: dict[str, int]


class LoopHealth:
    """Records of completed passes, by the name of the loop.

    Acknowledged by one member only, unlike most writes of the engine: a lost record only makes a loop seem older.
    """

    def __init__(self, database: Database) -> None:
        self._loops = LOOPS.of(database).with_options(
            write_concern=WriteConcern(w=1), read_concern=ReadConcern("local")
        )
        self._noted_at: dict[str, float] = {}
        self._noted: dict[str, Counter[str]] = {}

    async def completed(self, name: str, outcomes: Mapping[str, int] | None = None) -> None:
        """Record that a loop of this name has completed a pass. Failures of the store are ignored.

        `outcomes` counts all that this process has seen; what is new since the last note is added to the record.
        """
        now = time.monotonic()
        if now < self._noted_at.get(name, -_NOTE_SECONDS) + _NOTE_SECONDS:
            return
        counted = Counter(outcomes or {})
        new = counted - self._noted.get(name, Counter())
        change: Document = {"$currentDate": {"completedAt": True}}
        if new:
            change["$inc"] = {f"outcomes.{outcome}": number for outcome, number in new.items()}
        try:
            await self._loops.update_one({"_id": name}, change, upsert=True)
        except PyMongoError:
            return
        self._noted_at[name], self._noted[name] = now, counted

    async def records(self, names: Iterable[str]) -> dict[str, LoopRecord]:
        """The records of these loops, of those that have ever completed a pass."""
        age = {"$divide": [{"$subtract": ["$$NOW", "$completedAt"]}, 1000]}
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(names)}}},
            {"$project": {"age": age, "outcomes": True}},
        ]
        found = await self._loops.aggregate(pipeline)
        return {doc["_id"]: LoopRecord(max(doc["age"], 0.0), doc.get("outcomes", {})) async for doc in found}

"""The collection of events: a position is the id of a document."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from domain.events.partition import partition_at, position_in
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Collection, Document, Session

__all__ = ["BY_LEAD", "EVENTS", "newest_position", "newest_positions"]

BY_LEAD = [("leadId", ASCENDING), ("_id", ASCENDING)]

EVENTS = CollectionSpec(
    "events",
    Distribution.BY_LEAD,
    (
        IndexModel([("eventId", ASCENDING)], unique=True),
        IndexModel(BY_LEAD),
        # Of the few events that were discarded; all others cost it nothing.
        IndexModel(
            [("discarded.at", ASCENDING)], partialFilterExpression={"discarded.at": {"$exists": True}}
        ),
    ),
)


async def newest_position(events: Collection, session: Session | None = None) -> int:
    """The position of the newest event, 0 if there is none."""
    newest = await events.find_one({}, {"_id": 1}, sort=[("_id", -1)], session=session)
    return newest["_id"] if newest else 0


async def newest_positions(events: Collection, partitions: Sequence[int]) -> dict[int, int]:
    """The position of the newest event of each partition, by partition; of an empty one the place before its first."""
    newest = {partition: position_in(partition, 0) for partition in partitions}
    first, *others = [_newest_of(partition) for partition in partitions]
    stages = [*first, *({"$unionWith": {"coll": events.name, "pipeline": one}} for one in others)]
    async for doc in await events.aggregate(stages):
        newest[partition_at(doc["_id"])] = doc["_id"]
    return newest


def _newest_of(partition: int) -> list[Document]:
    within = {"$gt": position_in(partition, 0), "$lt": position_in(partition + 1, 0)}
    return [
        {"$match": {"p": partition, "_id": within}},
        {"$sort": {"_id": -1}},
        {"$limit": 1},
        {"$project": {"_id": 1}},
    ]

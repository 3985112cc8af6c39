"""The collection of events: a position is the id of a document."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Collection, Session

__all__ = ["BY_LEAD", "EVENTS", "newest_position"]

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

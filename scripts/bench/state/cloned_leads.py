"""Very many leads for lists, and nothing else: the states of a small store, many times over, with owners and tags.

Their events are not copied, so nothing may be folded in such a store; lists and the queue read no events.
"""

from __future__ import annotations

from pymongo import AsyncMongoClient

from engine.schema import create_schema
from engine.settings import Settings
from engine.store.mongo import Document, database_of

__all__ = ["OWNERS", "TAG", "clone_lead_states"]

OWNERS = 50
"""People among whom the copies are divided: `person_0` and so on. Of 1 in 2 copies nobody is the owner."""
TAG = "fair"
"""A tag of 1 in 20 copies."""


async def clone_lead_states(source: Settings, target: Settings, times: int) -> None:
    """Fill an empty database with each lead of the source so many times. The tasks are those of `person_0`'s first leads."""
    number = "$cloneNumber"
    owner = {"$concat": ["person_", {"$toString": {"$mod": [{"$floor": {"$divide": [number, 2]}}, OWNERS]}}]}
    stages: list[Document] = [
        {"$set": {"cloneNumber": {"$range": [0, times]}}},
        {"$unwind": number},
        {
            "$set": {
                "_id": {"$concat": ["$_id", "~", {"$toString": number}]},
                "ownerId": {"$cond": [{"$eq": [{"$mod": [number, 2]}, 0]}, owner, None]},
                "tags": {"$cond": [{"$eq": [{"$mod": [number, 20]}, 0]}, [TAG], "$tags"]},
            }
        },
        {"$unset": "cloneNumber"},
    ]
    async with AsyncMongoClient[Document](source.mongodb_uri, w="majority", journal=True) as client:
        database, copied = database_of(client, source.mongodb_database), target.mongodb_database
        await database["leads"].aggregate([*stages, {"$out": {"db": copied, "coll": "leads"}}])
        tasks = {"$set": {"leadId": {"$concat": ["$leadId", "~0"]}}}
        for collection, changed in (("rulebooks", []), ("checkpoints", []), ("tasks", [tasks])):
            await database[collection].aggregate([*changed, {"$out": {"db": copied, "coll": collection}}])
        await create_schema(database_of(client, copied))
        await client.admin.command("fsync")

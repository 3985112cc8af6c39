"""Snoozes of leads in MongoDB: until when a lead stays out of the queue of one person."""

from __future__ import annotations

from msgspec import Struct
from pymongo import ASCENDING, IndexModel

from domain.errors import Conflict
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["LEAD_SNOOZES", "MOST_SNOOZES", "Snooze", "SnoozeStore"]

MOST_SNOOZES = 500
"""Leads that a person may have snoozed at a time; the queue reads that many leads more."""

LEAD_SNOOZES = CollectionSpec(
    "leadSnoozes",
    Distribution.BY_LEAD,
    (
        IndexModel([("personId", ASCENDING), ("until", ASCENDING)]),
        IndexModel([("until", ASCENDING)], expireAfterSeconds=0),
    ),
    free_of_personal_data="ids of leads and of members of the workspace, until the snooze ends",
)


class Snooze(Struct, frozen=True):
    """A lead that a person put off at `since`. It comes back then, or when it writes meanwhile."""

    lead_id: str
    since: Millis
    until: Millis


class SnoozeStore:
    """Sets, ends and lists snoozes. A person has at most one per lead."""

    def __init__(self, database: Database) -> None:
        self._snoozes = LEAD_SNOOZES.of(database)

    async def set(self, person_id: str, snooze: Snooze) -> None:
        """Snooze the lead, or for another time. Raises `Conflict` for a person who has snoozed very many."""
        held = {"personId": {"$eq": person_id}, "until": {"$gt": to_bson(snooze.since)}}
        if await self._snoozes.count_documents(held, limit=MOST_SNOOZES) >= MOST_SNOOZES:
            raise Conflict(f"You have snoozed {MOST_SNOOZES} leads: end some of these snoozes first.")
        await self._snoozes.update_one(
            {"_id": _id(person_id, snooze.lead_id)},
            {
                "$set": {
                    "personId": person_id,
                    "leadId": snooze.lead_id,
                    "since": to_bson(snooze.since),
                    "until": to_bson(snooze.until),
                }
            },
            upsert=True,
        )

    async def end(self, person_id: str, lead_id: str) -> None:
        """End the snooze, if there is one."""
        await self._snoozes.delete_one({"_id": _id(person_id, lead_id)})

    async def of(self, person_id: str, at: Millis) -> list[Snooze]:
        """The snoozes of the person that have not ended by then, the next to end first."""
        query = {"personId": {"$eq": person_id}, "until": {"$gt": to_bson(at)}}
        cursor = self._snoozes.find(query).sort("until", ASCENDING).limit(MOST_SNOOZES)
        return [_snooze(doc) async for doc in cursor]


def _id(person_id: str, lead_id: str) -> str:
    return f"{person_id} {lead_id}"


def _snooze(doc: Document) -> Snooze:
    return Snooze(doc["leadId"], from_bson(doc["since"]), from_bson(doc["until"]))

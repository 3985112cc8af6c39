"""The naive design, as fast as it gets: one transaction per event.

Each event reads the lead's last row of history, inserts the next row and updates the lead, in a transaction that is
run again on a write conflict, eight in flight, with the same driver, concerns and indexes for its look-ups. It is
spared HTTP, a queue, and storing the event itself, and its rule is a table of points: a comparison with it errs on
its side.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING

from engine.store.mongo import Client, Database, Document, Session, transact
from scripts.bench.baselines.raw import in_flight

__all__ = ["POINTS", "NaiveEngine", "NaiveEvent"]

POINTS = {"page_view": 1, "email_open": 3, "download": 10, "signup": 20, "demo_request": 30}

_IN_FLIGHT = 8


class NaiveEvent(Struct, frozen=True):
    """An event as the naive design needs it."""

    event_id: str
    lead_id: str
    type: str


class NaiveEngine:
    """Scores leads in collections of its own."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._leads = database["naiveLeads"]
        self._history = database["naiveHistory"]

    async def set_up(self) -> None:
        """Create the collections and the indexes that it reads by."""
        for collection in (self._leads, self._history):
            await collection.drop()
            await collection.database.create_collection(collection.name)
        await self._history.create_index([("eventId", ASCENDING)], unique=True)
        await self._history.create_index([("leadId", ASCENDING), ("number", DESCENDING)], unique=True)

    async def apply_all(self, events: Sequence[NaiveEvent]) -> float:
        """Apply the events. Returns events per second."""
        return len(events) / await in_flight(_IN_FLIGHT, events, self.apply)

    async def apply(self, event: NaiveEvent) -> None:
        """Apply one event in a transaction of its own."""
        await transact(self._client, lambda session: self._apply(event, session))

    async def scores(self) -> dict[str, int]:
        """The score of each lead."""
        return {doc["_id"]: doc["score"] async for doc in self._leads.find()}

    async def _apply(self, event: NaiveEvent, session: Session) -> None:
        newest = [("leadId", ASCENDING), ("number", DESCENDING)]
        last = await self._history.find_one({"leadId": event.lead_id}, sort=newest, session=session)
        before = last["score"] if last else 0
        score = before + POINTS.get(event.type, 0)
        row: Document = {
            "eventId": event.event_id,
            "leadId": event.lead_id,
            "number": last["number"] + 1 if last else 1,
            "before": before,
            "score": score,
        }
        await self._history.insert_one(row, session=session)
        await self._leads.update_one(
            {"_id": event.lead_id}, {"$set": {"score": score}}, upsert=True, session=session
        )

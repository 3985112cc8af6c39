"""The lists of leads: filtered pages, counts, and leads as lists show them, without their states."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from domain.decisions.outcome import OPEN
from domain.instant import Millis
from engine.leads.lead_document import LEADS, WAITING, WAITING_BY_OWNER, LeadSummary, summary_of
from engine.leads.lead_pages import TAGGED, LeadFilter, LeadOrder, find_page
from engine.process.clock import from_bson
from engine.store import keyset
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["LeadLists", "LeadPage"]

_NO_STATE = {"state": 0}


class LeadPage(NamedTuple):
    """Leads of a list, and the last one that was read if the list goes on behind it though the page is short."""

    leads: list[LeadSummary]
    resume: LeadSummary | None


class LeadLists:
    """Reads what `LeadStore` has written for lists. `owners` are ids of people, None among them for unassigned leads."""

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)

    async def summary(self, lead_id: str) -> LeadSummary | None:
        """The lead as lists show it, or None."""
        doc = await self._leads.find_one({"_id": lead_id}, _NO_STATE)
        return summary_of(doc) if doc else None

    async def summaries(self, lead_ids: Collection[str]) -> dict[str, LeadSummary]:
        """These leads as lists show them, by id, without those that there are not."""
        cursor = self._leads.find({"_id": {"$in": list(lead_ids)}}, _NO_STATE)
        return {doc["_id"]: summary_of(doc) async for doc in cursor}

    async def count_up_to(self, limit: int, owners: Collection[str | None] | None, **equal: str) -> int:
        """How many leads of these owners, or of all, have this value in a field that an index begins with; at most `limit`."""
        query: Document = {name: {"$eq": value} for name, value in equal.items()}
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
        return await self._leads.count_documents(query, limit=limit)

    async def count_tagged(
        self, tag: str, owners: Collection[str | None] | None, limit: int
    ) -> tuple[list[tuple[str, str, int]], bool]:
        """Leads with a tag by stage and outcome, of these owners or of all; and whether more than `limit` have the tag.

        The `limit` leads with the highest scores are counted.
        """
        of_owners = {"$in": [{"$ifNull": ["$ownerId", None]}, {"$literal": list(owners or ())}]}
        group = ["$stage", {"$ifNull": ["$outcome", OPEN]}, of_owners]
        found = await self._leads.aggregate(
            [
                {"$match": {**TAGGED, "tags": {"$eq": tag}}},
                {"$sort": {"score": -1}},
                {"$limit": limit + 1},
                {"$group": {"_id": group, "leads": {"$sum": 1}}},
            ]
        )
        groups = [(*one["_id"], one["leads"]) async for one in found]
        counts = [
            (stage, outcome, leads) for stage, outcome, counts, leads in groups if owners is None or counts
        ]
        read = sum(leads for *_, leads in groups)
        return counts, read > limit

    async def count_open(self, owner_id: str, limit: int, session: Session | None = None) -> int:
        """How many open leads the owner has; not more than `limit` are counted."""
        query = {"ownerId": {"$eq": owner_id}, "outcome": {"$in": [OPEN, None]}}
        return await self._leads.count_documents(query, limit=limit, session=session)

    async def count(self) -> int:
        """About how many leads there are."""
        return await self._leads.estimated_document_count()

    async def waiting(
        self, owners: Collection[str | None] | None, limit: int, after: Keyset | None = None
    ) -> list[tuple[str, Millis]]:
        """Leads of these owners, or of all, that wait for an answer, and since when: the longest first."""
        behind = keyset.after("waitingSince", after, descending=False)
        query: Document = {"waitingSince": {"$exists": True}, **behind}
        index = WAITING if owners is None else WAITING_BY_OWNER
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
        order = [("waitingSince", 1), ("_id", 1)]
        cursor = self._leads.find(query, {"waitingSince": 1}).hint(index).sort(order).limit(limit)
        return [(doc["_id"], from_bson(doc["waitingSince"])) async for doc in cursor]

    async def page(self, wanted: LeadFilter, order: LeadOrder, limit: int) -> LeadPage:
        """The next leads in an order; fewer than `limit` with a place to go on where many were read in vain."""
        found, last = await find_page(self._leads, wanted, order, limit, _NO_STATE)
        return LeadPage([summary_of(doc) for doc in found], None if last is None else summary_of(last))

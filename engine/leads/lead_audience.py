"""The leads that a filter selects, in the order of their ids, which no change of a lead moves."""

from __future__ import annotations

from collections.abc import Collection

from domain.campaigns.definition import AudienceFilter
from domain.decisions.outcome import OPEN
from domain.outreach.lead_status import NEW
from engine.leads.lead_document import LEADS
from engine.leads.lead_pages import TAGGED, WITH_STATUS
from engine.store.mongo import Database, Document

__all__ = ["LeadAudience"]

_ID = {"_id": 1}


class LeadAudience:
    """Selects leads as the list of leads does, by id: for walks that must pass over nobody.

    `accounts` are the parts of the account in the filter; None without one.
    """

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)

    async def ids_after(
        self,
        wanted: AudienceFilter,
        accounts: Collection[str] | None,
        after: str | None,
        limit: int,
        within_ms: int,
    ) -> list[str]:
        """The next `limit` ids. Raises `pymongo.errors.ExecutionTimeout` if that takes longer than `within_ms`."""
        query = _query(wanted, accounts)
        if after is not None:
            query["_id"] = {"$gt": after}
        cursor = self._leads.find(query, _ID, batch_size=limit).sort(_ID).limit(limit).max_time_ms(within_ms)
        return [doc["_id"] async for doc in cursor]

    async def among(
        self, wanted: AudienceFilter, accounts: Collection[str] | None, lead_ids: Collection[str]
    ) -> set[str]:
        """Those of these leads that the filter selects now."""
        query = {**_query(wanted, accounts), "_id": {"$in": list(lead_ids)}}
        return {doc["_id"] async for doc in self._leads.find(query, _ID)}


def _query(wanted: AudienceFilter, accounts: Collection[str] | None) -> Document:
    """The filter as one query. Values are compared only: none of them can be an operator."""
    clauses: list[Document] = [
        {name: {"$eq": value}}
        for name in ("stage", "risk", "outcome")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.min_score is not None:
        clauses.append({"score": {"$gte": wanted.min_score}})
    if wanted.owner is not None:
        clauses.append({"ownerId": {"$eq": None if wanted.owner == "none" else wanted.owner}})
    if accounts is not None:
        clauses.append({"account": {"$in": list(accounts)}})
    if wanted.tag is not None:
        clauses.append({**TAGGED, "tags": {"$eq": wanted.tag}})
    if wanted.status == NEW:
        clauses.append({"status": None, "outcome": {"$in": [OPEN, None]}})
    elif wanted.status is not None:
        clauses.append({**WITH_STATUS, "$and": [{"status": {"$eq": wanted.status}}]})
    return {"$and": clauses} if clauses else {}

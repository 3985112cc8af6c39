"""The leads of accounts: the strongest ones, how many, and what their events call the company."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from typing import NamedTuple

from domain.accounts.account_intelligence import COUNTED
from domain.instant import Millis
from engine.leads.lead_document import (
    LEADS,
    NAMES_ACCOUNT,
    NAMING_ACCOUNT,
    OF_ACCOUNT,
    LeadSummary,
    summary_of,
)
from engine.process.clock import from_bson
from engine.store.mongo import Database, Document

__all__ = ["MAX_COUNTED", "AccountMembers", "CompanyName", "Owners"]

MAX_COUNTED = 10_000
"""Leads of an account that are counted, so that every change of a large one costs the same."""

Owners = Collection[str | None] | None
"""Ids of people, None among them for unassigned leads; None: those of all."""


class CompanyName(NamedTuple):
    """What the latest event that names a company says: name and domain, empty if it does not say one."""

    name: str = ""
    domain: str = ""
    at: Millis = 0


class AccountMembers:
    """Reads the leads of accounts. `accounts` are account ids, each of which is that of leads that say so."""

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)

    async def strongest(
        self, accounts: Sequence[str], limit: int, owners: Owners = None
    ) -> list[LeadSummary]:
        """The leads of these accounts with the highest scores, of those that are neither lost nor disqualified."""
        query = {**_of(accounts, owners), "outcome": {"$in": sorted(COUNTED)}}
        cursor = self._leads.find(query, {"state": 0}).hint(OF_ACCOUNT).sort([("score", -1), ("_id", 1)])
        return [summary_of(doc) async for doc in cursor.limit(limit)]

    async def page(
        self, accounts: Sequence[str], limit: int, after: tuple[float, str] | None, owners: Owners = None
    ) -> list[LeadSummary]:
        """The next leads of these accounts, the highest score first; `after` is the last one's score and id."""
        query = _of(accounts, owners)
        if after is not None:
            query["$or"] = [{"score": {"$lt": after[0]}}, {"_id": {"$gt": after[1]}}]
            query["score"] = {"$lte": after[0]}
        cursor = self._leads.find(query, {"state": 0}).hint(OF_ACCOUNT).sort([("score", -1), ("_id", 1)])
        return [summary_of(doc) async for doc in cursor.limit(limit)]

    async def ranked(
        self, owners: Collection[str | None], limit: int, after: tuple[float, str] | None
    ) -> list[LeadSummary]:
        """The next leads of these owners, the highest score first, with or without an account."""
        query: Document = {"ownerId": {"$in": list(owners)}}
        if after is not None:
            query["score"] = {"$lte": after[0]}
            query["$or"] = [{"score": {"$lt": after[0]}}, {"_id": {"$gt": after[1]}}]
        keys = [("ownerId", 1), ("score", -1), ("_id", 1)]
        cursor = self._leads.find(query, {"state": 0}).hint(keys).sort([("score", -1), ("_id", 1)])
        return [summary_of(doc) async for doc in cursor.limit(limit)]

    async def count(self, accounts: Sequence[str], owners: Owners = None) -> int:
        """How many leads these accounts have, by the index; counting stops at 10,000."""
        return await self._leads.count_documents(_of(accounts, owners), hint=OF_ACCOUNT, limit=MAX_COUNTED)

    async def name(self, accounts: Sequence[str], owners: Owners = None) -> CompanyName:
        """What the latest event says that names the company; of several at one moment, that of the first lead."""
        query = {**_of(accounts, owners), **NAMES_ACCOUNT}
        latest = [("company.namedAt", -1), ("_id", 1)]
        async for doc in self._leads.find(query, {"company": 1}).hint(NAMING_ACCOUNT).sort(latest).limit(1):
            said = doc["company"]
            return CompanyName(said["name"], said["domain"], from_bson(said["namedAt"]))
        return CompanyName()

    async def all_accounts(self) -> AsyncIterator[str]:
        """The id of every account that a lead belongs to, ascending: one look at the index each."""
        last = ""
        while True:
            query: Document = {"account": {"$gt": last}}
            doc = await self._leads.find_one(
                query, {"_id": 0, "account": 1}, hint=OF_ACCOUNT, sort=[("account", 1)]
            )
            if doc is None:
                return
            last = doc["account"]
            yield last


def _of(accounts: Sequence[str], owners: Owners) -> Document:
    query: Document = {"account": {"$in": list(accounts)}}
    if owners is not None:
        query["ownerId"] = {"$in": list(owners)}
    return query

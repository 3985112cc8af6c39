"""The members of campaigns: one document per campaign and lead, with the result of its turn."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import get_args

from msgspec import Struct
from pymongo import ASCENDING, IndexModel, UpdateOne

from domain.campaigns.turn import Result
from domain.instant import Millis
from engine.campaigns.campaign import Tally
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["CAMPAIGN_MEMBERS", "Member", "MemberStore"]

CAMPAIGN_MEMBERS = CollectionSpec(
    "campaignMembers",
    Distribution.BY_LEAD,
    (
        IndexModel(
            [("campaignId", ASCENDING), ("result", ASCENDING), ("reasons", ASCENDING), ("_id", ASCENDING)]
        ),
        IndexModel(
            [("campaignId", ASCENDING), ("notBefore", ASCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"result": "waiting"},
        ),
        IndexModel([("leadId", ASCENDING), ("_id", ASCENDING)]),
    ),
)
_SEPARATOR = ","


class Member(Struct, frozen=True, kw_only=True):
    """A lead of a campaign. `subject_id` is its message or its enrolment; `at` is the moment of its result."""

    member_id: str
    campaign_id: str
    lead_id: str
    result: Result
    reasons: tuple[str, ...] = ()
    subject_id: str | None = None
    at: Millis | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Its place in a page of members."""
        return _SEPARATOR.join(self.reasons), self.member_id


class MemberStore:
    """Members, each at most once per campaign."""

    def __init__(self, database: Database) -> None:
        self._members = CAMPAIGN_MEMBERS.of(database)

    async def collect(
        self, campaign_id: str, lead_ids: Collection[str], result: Result, estimate: int
    ) -> None:
        """Add the leads of an estimate, each once, whatever an earlier one said of them."""
        await self._add(
            campaign_id, lead_ids, {"$set": {"estimate": estimate, "result": result, "reasons": ""}}
        )

    async def enter(self, campaign_id: str, lead_ids: Collection[str], estimate: int) -> None:
        """Add those of these leads that the campaign does not have: they wait for their turn."""
        new = {"estimate": estimate, "result": "waiting", "reasons": ""}
        await self._add(campaign_id, lead_ids, {"$setOnInsert": new})

    async def _add(self, campaign_id: str, lead_ids: Collection[str], change: Document) -> None:
        updates = []
        for lead_id in lead_ids:
            on_insert = {"campaignId": campaign_id, "leadId": lead_id, **change.get("$setOnInsert", {})}
            whole = {**change, "$setOnInsert": on_insert}
            updates.append(UpdateOne({"_id": member_id_of(campaign_id, lead_id)}, whole, upsert=True))
        if updates:
            await self._members.bulk_write(updates, ordered=False)

    async def drop_earlier(self, campaign_id: str, estimate: int) -> None:
        """Remove the members of estimates before this one."""
        await self._members.delete_many({"campaignId": campaign_id, "estimate": {"$lt": estimate}})

    async def drop_present(self, campaign_id: str, lead_ids: Collection[str]) -> None:
        """Remove those of these leads that were present from the beginning: they have left, and may enter."""
        ids = [member_id_of(campaign_id, lead_id) for lead_id in lead_ids]
        await self._members.delete_many({"_id": {"$in": ids}, "result": "present"})

    async def page(
        self, campaign_id: str, result: Result, after: tuple[str, str] | None, limit: int
    ) -> list[Member]:
        """Members with a result, by their reasons, then in the order of their turns; a page goes on behind `after`."""
        query: Document = {"campaignId": {"$eq": campaign_id}, "result": result}
        if after is not None:
            reasons, member_id = after
            query["$or"] = [
                {"reasons": {"$gt": reasons}},
                {"reasons": {"$eq": reasons}, "_id": {"$gt": member_id}},
            ]
        cursor = self._members.find(query).sort([("reasons", 1), ("_id", 1)])
        return [_read(doc) async for doc in cursor.limit(limit)]

    async def next_turns(self, campaign_id: str, at: Millis, limit: int) -> list[Member]:
        """Members whose turn may come: those that wait, without those whose hour is still to come."""
        query = {"campaignId": campaign_id, "result": "waiting", "notBefore": {"$not": {"$gt": to_bson(at)}}}
        cursor = self._members.find(query).sort([("notBefore", 1), ("_id", 1)])
        return [_read(doc) async for doc in cursor.limit(limit)]

    async def next_hour(self, campaign_id: str) -> Millis | None:
        """When the hour of a member that waits for it comes; None if no member waits."""
        query = {"campaignId": campaign_id, "result": "waiting", "notBefore": {"$type": "date"}}
        doc = await self._members.find_one(query, {"notBefore": 1}, sort=[("notBefore", 1)])
        return None if doc is None else from_bson(doc["notBefore"])

    async def put_off(self, member_id: str, until: Millis) -> None:
        """Let a member that waits have its turn no sooner."""
        query = {"_id": member_id, "result": "waiting"}
        await self._members.update_one(query, {"$set": {"notBefore": to_bson(until)}})

    async def every(self, campaign_id: str, after: str | None, limit: int) -> list[Member]:
        """Members in the order of their ids, whatever their results."""
        first, beyond = f"{campaign_id}:", f"{campaign_id};"
        query = {"_id": {"$gt": first if after is None else after, "$lt": beyond}}
        return [_read(doc) async for doc in self._members.find(query).sort("_id", 1).limit(limit)]

    async def settle(
        self,
        member_ids: Collection[str],
        result: Result,
        reasons: Sequence[str],
        at: Millis,
        *,
        subject_id: str | None = None,
        only_from: Collection[Result] = get_args(Result),
    ) -> None:
        """Note the result of these members, if theirs is one of `only_from`."""
        query = {"_id": {"$in": list(member_ids)}, "result": {"$in": list(only_from)}}
        change: Document = {"result": result, "reasons": _SEPARATOR.join(reasons), "at": to_bson(at)}
        if subject_id is not None:
            change["subjectId"] = subject_id
        await self._members.update_many(query, {"$set": change})

    async def tally(self, campaign_id: str) -> Tally:
        """How many members have each result, counted in the index."""
        group = {"_id": {"result": "$result", "reasons": "$reasons"}, "members": {"$sum": 1}}
        found = await self._members.aggregate([{"$match": {"campaignId": campaign_id}}, {"$group": group}])
        results, reasons = Counter[str](), Counter[str]()
        async for one in found:
            results[one["_id"]["result"]] += one["members"]
            for code in filter(None, one["_id"]["reasons"].split(_SEPARATOR)):
                reasons[code] += one["members"]
        return Tally(results=dict(results), reasons=dict(reasons))

    async def count_under_way(self, campaign_id: str, limit: int) -> int:
        """How many members have a message that is not settled; at most `limit` are counted."""
        return await self._members.count_documents(
            {"campaignId": campaign_id, "result": "underWay"}, limit=limit
        )

    async def of_lead(self, lead_id: str, after: str | None, limit: int) -> list[Member]:
        """The campaigns that a lead is or was in."""
        query: Document = {"leadId": {"$eq": lead_id}, **({} if after is None else {"_id": {"$gt": after}})}
        return [_read(doc) async for doc in self._members.find(query).sort("_id", 1).limit(limit)]

    async def remove(self, member_id: str) -> bool:
        """Forget a member. False if somebody else was faster."""
        return (await self._members.delete_one({"_id": member_id})).deleted_count > 0


def member_id_of(campaign_id: str, lead_id: str) -> str:
    """The id of a lead in a campaign: the same for everybody who adds it."""
    return f"{campaign_id}:{hashlib.blake2b(lead_id.encode(), digest_size=16).hexdigest()}"


def _read(doc: Document) -> Member:
    at = doc.get("at")
    return Member(
        member_id=doc["_id"],
        campaign_id=doc["campaignId"],
        lead_id=doc["leadId"],
        result=doc["result"],
        reasons=tuple(filter(None, doc["reasons"].split(_SEPARATOR))),
        subject_id=doc.get("subjectId"),
        at=None if at is None else from_bson(at),
    )

"""Claims of leads in MongoDB: one person works on a lead for ten minutes, and others see it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from msgspec import Struct
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import MINUTE, Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["CLAIM_LIFE", "LEAD_CLAIMS", "Claim", "ClaimStore"]

CLAIM_LIFE: Millis = 10 * MINUTE

LEAD_CLAIMS = CollectionSpec(
    "leadClaims",
    Distribution.BY_LEAD,
    (IndexModel([("until", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="ids of leads and of members of the workspace, for ten minutes",
)


class Claim(Struct, frozen=True):
    """A person who works on a lead until then."""

    lead_id: str
    person_id: str
    until: Millis


class ClaimStore:
    """Takes and releases claims. At most one person holds a lead."""

    def __init__(self, database: Database) -> None:
        self._claims = LEAD_CLAIMS.of(database)

    async def take(self, lead_id: str, person_id: str, at: Millis) -> Claim:
        """Claim the lead for ten minutes from `at`, or for as long again. Raises `Conflict` while another has it."""
        claim = Claim(lead_id, person_id, at + CLAIM_LIFE)
        for _ in range(2):  # of two first claims by the same person at once one inserts, and the other renews
            with contextlib.suppress(DuplicateKeyError):
                await self._upsert(claim, at)
                return claim
        raise Conflict("Somebody else works on this lead at the moment.")

    async def _upsert(self, claim: Claim, at: Millis) -> None:
        """Store the claim. Raises `DuplicateKeyError` while there is another one."""
        free = [{"personId": {"$eq": claim.person_id}}, {"until": {"$lte": to_bson(at)}}]
        await self._claims.update_one(
            {"_id": {"$eq": claim.lead_id}, "$or": free},
            {"$set": {"personId": claim.person_id, "until": to_bson(claim.until)}},
            upsert=True,
        )

    async def release(self, lead_id: str, person_id: str) -> None:
        """End the person's claim. Raises `NotFound` if there is none."""
        found = await self._claims.delete_one({"_id": {"$eq": lead_id}, "personId": {"$eq": person_id}})
        if not found.deleted_count:
            raise NotFound("claim of yours on lead", lead_id)

    async def held(self, lead_ids: Iterable[str], at: Millis) -> dict[str, Claim]:
        """The claims on these leads at the moment, by lead."""
        query = {"_id": {"$in": list(lead_ids)}, "until": {"$gt": to_bson(at)}}
        return {doc["_id"]: _claim(doc) async for doc in self._claims.find(query)}


def _claim(doc: Document) -> Claim:
    return Claim(doc["_id"], doc["personId"], from_bson(doc["until"]))

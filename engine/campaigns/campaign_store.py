"""Campaigns in MongoDB. Each change is one update that fails if another one came first."""

from __future__ import annotations

import secrets
from collections.abc import Collection

import msgspec
from msgspec.structs import replace
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from domain.campaigns.definition import CampaignDefinition
from domain.campaigns.states import CampaignState, Ending
from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.campaigns.campaign import Campaign, Estimate, StateChange
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["CAMPAIGNS", "CampaignStore"]

CAMPAIGNS = CollectionSpec(
    "campaigns",
    Distribution.UNSHARDED,
    (
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
    ),
    free_of_personal_data="filters, texts with fields that are not filled in, counts, and the id of the lead that comes next",
)
_MAX_CHANGES = 200
"""Changes of state that are kept with a campaign; the audit log has all of them."""


class CampaignStore:
    """Stores and finds campaigns."""

    def __init__(self, database: Database) -> None:
        self._campaigns = CAMPAIGNS.of(database)

    async def add(self, new: Campaign, session: Session) -> Campaign:
        """Store a draft under a random id."""
        stored = replace(new, campaign_id=f"cmp_{secrets.token_hex(12)}")
        await self._campaigns.insert_one(_document(stored), session=session)
        return stored

    async def get(self, campaign_id: str, session: Session | None = None) -> Campaign:
        """The campaign. Raises `NotFound`."""
        found = await self.find(campaign_id, session)
        if found is None:
            raise NotFound("campaign", campaign_id)
        return found

    async def find(self, campaign_id: str, session: Session | None = None) -> Campaign | None:
        """The campaign, if it is stored."""
        doc = await self._campaigns.find_one({"_id": {"$eq": campaign_id}}, session=session)
        return _read(doc) if doc else None

    async def page(self, state: CampaignState | None, after: Keyset | None, limit: int) -> list[Campaign]:
        """Campaigns, the newest first; all of them, or those in a state."""
        query: Document = {} if state is None else {"state": state}
        query |= keyset.after("createdAt", after)
        cursor = self._campaigns.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def names(self, campaign_ids: Collection[str]) -> dict[str, str]:
        """The names of these campaigns, of those that there are."""
        cursor = self._campaigns.find({"_id": {"$in": list(campaign_ids)}}, {"name": 1})
        return {doc["_id"]: doc["name"] async for doc in cursor}

    async def states(self, campaign_ids: Collection[str]) -> dict[str, CampaignState]:
        """The states of these campaigns."""
        cursor = self._campaigns.find({"_id": {"$in": list(campaign_ids)}}, {"state": 1})
        return {doc["_id"]: doc["state"] async for doc in cursor}

    async def redefine(
        self, before: Campaign, name: str, definition: CampaignDefinition, at: Millis, session: Session
    ) -> Campaign:
        """Change a draft, whose estimate is void by that. Raises `Conflict` if it is no draft any more, or was changed."""
        change = {"name": name, "definition": msgspec.to_builtins(definition), "estimate": None}
        query = {"state": "draft", "changedAt": to_bson(before.changed_at)}
        return await self._update(
            before.campaign_id, query, {"$set": {**change, "changedAt": to_bson(at)}}, session
        )

    async def begin_estimate(self, campaign_id: str, link: str, at: Millis, session: Session) -> Campaign:
        """Put an estimate at its beginning in the place of the one before. Raises `Conflict` if it is no draft."""
        found = await self.get(campaign_id, session)
        estimate = Estimate(number=found.estimates + 1, started_at=at, link=link)
        change = {"estimates": estimate.number, "estimate": msgspec.to_builtins(estimate)}
        query = {"state": "draft", "estimates": found.estimates}
        return await self._update(campaign_id, query, {"$set": change}, session)

    async def advance_estimate(self, campaign_id: str, before: Estimate, after: Estimate) -> bool:
        """Note how far an estimate has come. False if another attempt has, or the draft was changed."""
        query = {
            "_id": campaign_id,
            "state": "draft",
            "estimate.number": before.number,
            "estimate.mark": before.mark,
            "estimate.collected": before.collected,
        }
        change = {"$set": {"estimate": msgspec.to_builtins(after)}}
        return (await self._campaigns.update_one(query, change)).modified_count > 0

    async def move(
        self,
        before: Campaign,
        change: StateChange,
        session: Session,
        *,
        ended: Ending | None = None,
        followed: int | str | None = None,
    ) -> Campaign:
        """Change the state; another one than `paused` begins a new run. Raises `Conflict` if another change came first.

        The run of a campaign that is finished by hand only waits for what is under way. A draft was never started.
        """
        fields: Document = {"state": change.state}
        if change.state in ("scheduled", "running"):
            fields["startedAt"] = to_bson(before.started_at or change.at)
        begins = before.state in ("draft", "paused") or change.state == "finished"
        if begins and change.state != "paused" and (before.state, change.state) != ("draft", "finished"):
            fields["runs"] = before.runs + 1
        if ended is not None:
            fields["ended"] = ended
        if followed is not None:
            fields["followed"] = followed
        pushed = {"$each": [msgspec.to_builtins(change)], "$slice": -_MAX_CHANGES}
        query = {
            "state": before.state,
            "changedAt": to_bson(before.changed_at),
            "runs": before.runs,
            "estimates": before.estimates,
        }
        return await self._update(
            before.campaign_id, query, {"$set": fields, "$push": {"changes": pushed}}, session
        )

    async def follow(self, campaign_id: str, before: int | str, place: int | str) -> None:
        """Note the place in the log up to which leads that enter were looked for."""
        query = {"_id": campaign_id, "followed": before}
        await self._campaigns.update_one(query, {"$set": {"followed": place}})

    async def count_erased(self, campaign_id: str) -> None:
        """Count a lead that was erased before its turn."""
        await self._campaigns.update_one({"_id": campaign_id}, {"$inc": {"erased": 1}})

    async def _update(
        self, campaign_id: str, query: Document, change: Document, session: Session
    ) -> Campaign:
        doc = await self._campaigns.find_one_and_update(
            {"_id": campaign_id, **query}, change, session=session, return_document=ReturnDocument.AFTER
        )
        if doc is None:
            found = await self.get(campaign_id, session)
            detail = (
                "it is changed by somebody else at this moment"
                if found.state == "draft"
                else f"it is {found.state}"
            )
            raise Conflict(f"This campaign cannot be changed so: {detail}.")
        return _read(doc)


def _document(one: Campaign) -> Document:
    return {
        "_id": one.campaign_id,
        "name": one.name,
        "definition": msgspec.to_builtins(one.definition),
        "state": one.state,
        "createdAt": to_bson(one.created_at),
        "changedAt": to_bson(one.changed_at),
        "author": one.author,
        "estimates": 0,
        "estimate": None,
        "runs": 0,
        "followed": 0,
        "erased": 0,
        "changes": msgspec.to_builtins(one.changes),
    }


def _read(doc: Document) -> Campaign:
    estimate, started_at = doc["estimate"], doc.get("startedAt")
    return Campaign(
        campaign_id=doc["_id"],
        name=doc["name"],
        definition=msgspec.convert(doc["definition"], CampaignDefinition),
        state=doc["state"],
        created_at=from_bson(doc["createdAt"]),
        changed_at=from_bson(doc["changedAt"]),
        author=doc["author"],
        estimates=doc["estimates"],
        estimate=None if estimate is None else msgspec.convert(estimate, Estimate),
        runs=doc["runs"],
        started_at=None if started_at is None else from_bson(started_at),
        followed=doc["followed"],
        ended=doc.get("ended"),
        erased=doc["erased"],
        changes=msgspec.convert(doc["changes"], tuple[StateChange, ...]),
    )

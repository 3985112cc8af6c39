"""The queue of changed accounts: written in the transaction that changes a lead, emptied by the projection of accounts.

Documents are only inserted, so that writers of leads of one account never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bson import ObjectId

from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Session

__all__ = ["ACCOUNT_CHANGES", "AccountChanges"]

ACCOUNT_CHANGES = CollectionSpec(
    "accountChanges",
    Distribution.BY_LEAD,
    free_of_personal_data="ids of accounts: of groups, and domains of companies",
)


class AccountChanges:
    """Adds and takes changes. The same account may be in it any number of times."""

    def __init__(self, database: Database) -> None:
        self._changes = ACCOUNT_CHANGES.of(database)

    async def add(self, accounts: Iterable[str], session: Session | None = None) -> None:
        """Note that these accounts are to be projected again. Nothing is written for none."""
        if changed := sorted({one for one in accounts if one}):
            await self._changes.insert_one({"accounts": changed}, session=session)

    async def first(self, limit: int) -> tuple[Sequence[ObjectId], set[str]]:
        """Some changes, and the accounts in them."""
        found = await self._changes.find().sort("_id", 1).limit(limit).to_list()
        return [doc["_id"] for doc in found], {one for doc in found for one in doc["accounts"]}

    async def done(self, changes: Collection[ObjectId]) -> None:
        """Remove changes that are projected."""
        await self._changes.delete_many({"_id": {"$in": list(changes)}})

    async def count(self, limit: int) -> int:
        """How many changes wait; counting stops at `limit`."""
        return await self._changes.count_documents({}, limit=limit, hint="_id_")

"""The store of accounts as lists show them: a projection of leads, which can be made again from them at any time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Sequence

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = [
    "ACCOUNTS",
    "MAX_SEARCH",
    "AccountFilter",
    "AccountStore",
    "StoredAccount",
    "is_found_by",
    "search_text",
]

ACCOUNTS = CollectionSpec(
    "accounts",
    Distribution.BY_ID,
    (
        IndexModel([("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("domain", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("starts", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("members", ASCENDING)]),
    ),
    free_of_personal_data="names and domains of companies, ids of groups, and numbers",
)

MAX_SEARCH = 20
"""Characters of a name by which accounts are found; further ones are ignored."""
_MAX_WORDS = 6
_WORD = re.compile(r"\w+")


class StoredAccount(Struct, frozen=True, kw_only=True):
    """An account as it was at `scored_at`.

    `domain` is what its group says, or its own; `members` are the account ids that its leads say by themselves: its own, and
    that of the domain if the group alone claims it.
    """

    account_id: str
    name: str
    domain: str
    members: tuple[str, ...]
    leads: int
    score: float
    has_surge: bool
    scored_at: Millis
    rulebook: str


class AccountFilter(Struct, frozen=True):
    """A filter of accounts: words of the name begin with `name`; the domain is `domain`. None means no condition."""

    name: str | None = None
    domain: str | None = None


class AccountStore:
    """Reads and writes listed accounts."""

    def __init__(self, database: Database) -> None:
        self._accounts = ACCOUNTS.of(database)

    async def get(self, account_id: str) -> StoredAccount | None:
        """The account of this id, or the one that this id is a part of."""
        found = await self._accounts.find({"members": {"$eq": account_id}}).sort("_id", 1).limit(1).to_list()
        return _read(found[0]) if found else None

    async def get_many(self, account_ids: Collection[str]) -> dict[str, StoredAccount]:
        """These accounts, and those that these ids are a part of, by the ids asked for."""
        found = await self._accounts.find({"members": {"$in": list(account_ids)}}).to_list()
        by_member = {member: _read(doc) for doc in found for member in doc["members"]}
        return {one: by_member[one] for one in account_ids if one in by_member}

    async def claiming(self, domains: Collection[str]) -> list[StoredAccount]:
        """The accounts with these domains, in the order of their ids."""
        cursor = self._accounts.find({"domain": {"$in": list(domains)}}).sort("_id", 1)
        return [_read(doc) async for doc in cursor]

    async def page(
        self, wanted: AccountFilter, limit: int, after: tuple[float, str] | None
    ) -> list[StoredAccount]:
        """The next accounts, the highest score first; `after` is the last one's score and id."""
        query: Document = {}
        if wanted.domain is not None:
            query["domain"] = {"$eq": wanted.domain}
        if wanted.name is not None:
            query["starts"] = {"$eq": search_text(wanted.name)}
        if after is not None:
            query["score"] = {"$lte": after[0]}
            query["$or"] = [{"score": {"$lt": after[0]}}, {"_id": {"$gt": after[1]}}]
        cursor = self._accounts.find(query).sort([("score", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def write(self, account: StoredAccount) -> None:
        """Store the account, whatever stood there."""
        await self._accounts.replace_one({"_id": account.account_id}, _document(account), upsert=True)

    async def remove(self, account_id: str) -> None:
        """Remove the account, which has no leads, or is a part of another one."""
        await self._accounts.delete_one({"_id": {"$eq": account_id}})

    async def scan(self) -> AsyncIterator[StoredAccount]:
        """All accounts in the order of their ids."""
        async for doc in self._accounts.find().sort("_id", 1):
            yield _read(doc)


def is_found_by(account: StoredAccount, wanted: AccountFilter) -> bool:
    """Whether the account passes the filter."""
    if wanted.domain is not None and account.domain != wanted.domain:
        return False
    return wanted.name is None or search_text(wanted.name) in _starts(account.name)


def search_text(text: str) -> str:
    """A text as names are searched for it: its words without regard to case, up to 20 characters."""
    return " ".join(_WORD.findall(text.casefold()))[:MAX_SEARCH].rstrip()


def _starts(name: str) -> Sequence[str]:
    """Every beginning of the name from each of its first words on, so that an index finds it by what people type."""
    words = _WORD.findall(name.casefold())
    rests = [" ".join(words[number:])[:MAX_SEARCH] for number in range(min(len(words), _MAX_WORDS))]
    return sorted({rest[:length].rstrip() for rest in rests for length in range(1, len(rest) + 1)})


def _document(account: StoredAccount) -> Document:
    return {
        "_id": account.account_id,
        "name": account.name,
        "starts": list(_starts(account.name)),
        "domain": account.domain,
        "members": list(account.members),
        "leads": account.leads,
        "score": account.score,
        "surge": account.has_surge,
        "scoredAt": to_bson(account.scored_at),
        "rulebook": account.rulebook,
    }


def _read(doc: Document) -> StoredAccount:
    return StoredAccount(
        account_id=doc["_id"],
        name=doc["name"],
        domain=doc["domain"],
        members=tuple(doc["members"]),
        leads=doc["leads"],
        score=doc["score"],
        has_surge=doc["surge"],
        scored_at=from_bson(doc["scoredAt"]),
        rulebook=doc["rulebook"],
    )

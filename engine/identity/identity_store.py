"""The store of identities: which lead each identifier belongs to, found by a blind index, its value sealed.

An identifier is claimed once, by the insert of one document, and never moves to another lead. So writers in any number of
processes agree without a transaction, and an event that is sent again finds the lead that it went to.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence

import pymongo
from msgspec import Struct
from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from domain.errors import Unavailable
from domain.identity.identifier import Identifier
from domain.identity.resolution import Profile
from domain.instant import Millis
from engine.identity.blind_index import SECRET_BYTES, BlindIndex
from engine.identity.known_owners import KnownOwners
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import DUPLICATE_KEY, Database, Document, Session, transact, without_codec

__all__ = ["IDENTITIES", "IDENTITY_SECRETS", "Claim", "IdentityStore", "Owner", "StoredIdentity"]

IDENTITIES = CollectionSpec("identities", Distribution.BY_ID, (IndexModel("leadId"),))
IDENTITY_SECRETS = CollectionSpec(
    "identitySecrets",
    Distribution.UNSHARDED,
    free_of_personal_data="holds the key of the blind index and how often identifiers were removed, and nothing about a person",
)

_SECRET = "blindIndex"  # noqa: S105 - its id
_REMOVALS = "removals"
_QUERY_SECONDS = 10
"""Longest that a shared query may take, elections included."""
_MAX_KEYS = 10_000
"""Identifiers that one shared query looks for; a request has no more."""


class Owner(Struct, frozen=True):
    """The lead that an identifier belongs to, and whether a sender has named that lead by its id."""

    lead_id: str
    named: bool = False


class Claim(Struct, frozen=True):
    """An identifier that is to belong to a lead."""

    identifier: Identifier
    owner: Owner


class StoredIdentity(Struct, frozen=True):
    """An identifier of a lead, and when it was first seen; no identifier if the value was erased."""

    identifier: Identifier | None
    lead_id: str
    first_seen_at: Millis


class IdentityStore:
    """Claims identifiers and finds their owners."""

    def __init__(self, database: Database) -> None:
        self._identities = without_codec(IDENTITIES.of(database))
        self._secrets = without_codec(IDENTITY_SECRETS.of(database))
        self._index: BlindIndex | None = None
        self._loader = BatchLoader(self._found, max_keys=_MAX_KEYS)
        self._known = KnownOwners(self._removals, self._loader.load)

    async def owners(self, identifiers: Collection[Identifier]) -> dict[Identifier, Owner]:
        """The owner of each identifier that has one. Concurrent calls share a query."""
        return await self._owners(identifiers, self._loader.load)

    async def known_owners(self, identifiers: Collection[Identifier]) -> dict[Identifier, Owner]:
        """The same from memory where this process has met an identifier: an erasure by another one counts a second later."""
        return await self._owners(identifiers, self._known.of)

    async def _owners(
        self,
        identifiers: Collection[Identifier],
        load: Callable[[Collection[str]], Awaitable[Mapping[str, Owner]]],
    ) -> dict[Identifier, Owner]:
        if not identifiers:
            return {}
        index = await self.blind_index()
        keys = {index.key_of(one): one for one in identifiers}
        found = await load(keys)
        return {one: found[key] for key, one in keys.items() if key in found}

    async def profiles(self, streams: Mapping[str, Sequence[str]]) -> dict[str, Profile]:
        """The profile of each lead with these streams: the kinds of its identifiers, and whether it was named."""
        lead_of = {stream: lead_id for lead_id, of_lead in streams.items() for stream in of_lead}
        kinds: dict[str, set[str]] = {lead_id: set() for lead_id in streams}
        named: set[str] = set()
        cursor = self._identities.find({"leadId": {"$in": list(lead_of)}}, {"leadId": 1, "named": 1})
        for doc in await cursor.to_list():
            lead_id = lead_of[doc["leadId"]]
            kinds[lead_id].add(doc["_id"].partition(":")[0])
            if doc.get("named"):
                named.add(lead_id)
        return {lead_id: Profile(frozenset(of_lead), lead_id in named) for lead_id, of_lead in kinds.items()}

    async def claim(self, claims: Sequence[Claim], at: Millis) -> bool:
        """Insert the claims in their order, up to the first whose identifier is taken. Returns whether none was.

        Durable on a majority before this returns. Raises `Unavailable`, and what PyMongo raises.
        """
        index = await self.blind_index()
        try:
            await self._identities.insert_many([_document(index, one, at) for one in claims])
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                # Not the error itself: it quotes the documents.
                raise Unavailable("The identifiers cannot be stored.") from None
            return False
        return True

    async def of_lead(self, lead_id: str) -> AsyncIterator[StoredIdentity]:
        """The identifiers of a lead."""
        index = await self.blind_index()
        async for doc in self._identities.find({"leadId": lead_id}):
            value = doc.get("value")
            yield StoredIdentity(
                None if value is None else index.open(doc["_id"], value),
                doc["leadId"],
                from_bson(doc["firstSeenAt"]),
            )

    async def index_keys(self, identifiers: Collection[Identifier]) -> list[str]:
        """The keyed hash of each identifier, whether or not it belongs to a lead."""
        index = await self.blind_index()
        return [index.key_of(one) for one in identifiers]

    async def index_keys_of_lead(self, lead_id: str) -> list[str]:
        """The keyed hashes of the lead's identifiers."""
        return [doc["_id"] async for doc in self._identities.find({"leadId": lead_id}, {"_id": 1})]

    async def has_values(self, lead_id: str) -> bool:
        """Whether any identifier of the lead can still be read."""
        query = {"leadId": lead_id, "value": {"$exists": True}}
        return await self._identities.find_one(query, {"_id": 1}) is not None

    async def erase(self, lead_id: str, *, keep_hashes: bool) -> int:
        """Remove the identifiers of a lead. Returns how many could be read until now.

        With `keep_hashes` the keyed hashes stay, so that later events with these identifiers are still of this lead.
        """
        query: Document = {"leadId": lead_id, "value": {"$exists": True}}
        if keep_hashes:
            return (await self._identities.update_many(query, {"$unset": {"value": 1}})).modified_count
        readable = await self._identities.count_documents(query)

        async def remove(session: Session) -> None:
            removed = await self._identities.delete_many({"leadId": lead_id}, session=session)
            if removed.deleted_count:
                count = {"$inc": {"count": 1}}
                await self._secrets.update_one({"_id": _REMOVALS}, count, upsert=True, session=session)

        await transact(self._secrets.database.client, remove)
        self._known.forget()
        return readable

    def forget(self) -> None:
        """Remember no owners, because the store was emptied by other means than an erasure."""
        self._known.forget()

    async def _removals(self) -> int:
        """How often identifiers were removed from this database."""
        with pymongo.timeout(_QUERY_SECONDS):
            doc = await self._secrets.find_one({"_id": _REMOVALS}, {"count": 1})
        return 0 if doc is None else int(doc["count"])

    async def _found(self, keys: set[str]) -> dict[str, Owner]:
        with pymongo.timeout(_QUERY_SECONDS):
            cursor = self._identities.find({"_id": {"$in": list(keys)}}, {"leadId": 1, "named": 1})
            documents = await cursor.to_list()
        return {doc["_id"]: Owner(doc["leadId"], doc.get("named", False)) for doc in documents}

    async def blind_index(self) -> BlindIndex:
        """The index under the secret of this database."""
        if self._index is None:
            self._index = BlindIndex(await self._secret())
        return self._index

    async def _secret(self) -> bytes:
        """The secret of this database, made by the first process that needs it."""
        with contextlib.suppress(DuplicateKeyError):
            if await self._secrets.find_one({"_id": _SECRET}) is None:
                await self._secrets.insert_one({"_id": _SECRET, "key": secrets.token_bytes(SECRET_BYTES)})
        doc = await self._secrets.find_one({"_id": _SECRET})
        if doc is None:  # another process has just made it, and a majority has not got it yet
            raise Unavailable("The key of the identifiers cannot be read yet; repeat the request.")
        secret: bytes = doc["key"]
        return secret


def _document(index: BlindIndex, claim: Claim, at: Millis) -> Document:
    named = {"named": True} if claim.owner.named else {}
    return {
        "_id": index.key_of(claim.identifier),
        "leadId": claim.owner.lead_id,
        "value": index.seal(claim.identifier),
        "firstSeenAt": to_bson(at),
        **named,
    }

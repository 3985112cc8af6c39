"""The store of API keys, which holds their hashes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.access.keys.key import ApiKey, KeySecret, Scope
from engine.access.keys.token import NewToken, new_key_id, new_token
from engine.access.rotating_secret import rotated
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.migrations import UpdateMigration
from engine.store.mongo import Database, Document, Session

__all__ = ["API_KEYS", "KEYS_WITH_FORMER_RIGHTS", "MAX_KEYS", "IssuedKey", "KeyStore"]

API_KEYS = CollectionSpec(
    "apiKeys",
    Distribution.UNSHARDED,
    (
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("revokedAt", ASCENDING)]),
    ),
    free_of_personal_data="hashes of keys, named by operators; no lead",
)

KEYS_WITH_FORMER_RIGHTS = UpdateMigration(
    name="keys-with-former-rights",
    collection=API_KEYS.name,
    outdated={"scopes": {"$eq": "manage", "$nin": ["work", "own"]}},
    update=[{"$set": {"scopes": {"$concatArrays": ["$scopes", ["work", "own"]]}}}],
)
"""Until 0.2 the scope `manage` was for completing tasks and erasing people too; keys of that time keep these rights."""

MAX_KEYS = 1000
"""Active keys: every API process holds all of them in memory."""


class IssuedKey(Struct, frozen=True):
    """A key together with its new secret, which is shown once and not stored."""

    key: ApiKey
    token: NewToken


class KeyStore:
    """Creates, finds, rotates and revokes keys. A key is never deleted, because the audit log refers to it."""

    def __init__(self, database: Database) -> None:
        self._keys = API_KEYS.of(database)

    async def add(
        self,
        name: str,
        scopes: Sequence[Scope],
        origins: Sequence[str],
        at: Millis,
        session: Session | None = None,
        *,
        source_id: str = "",
    ) -> IssuedKey:
        """Create a key, with `source_id` the write key of that source. Raises `Conflict` when there are too many."""
        if await self._keys.count_documents({"revokedAt": None}, session=session) >= MAX_KEYS:
            raise Conflict(f"There are {MAX_KEYS} keys already; revoke one first.")
        key_id = new_key_id()
        token = new_token(key_id)
        key = ApiKey(
            key_id=key_id,
            name=name,
            scopes=tuple(dict.fromkeys(scopes)),
            origins=tuple(dict.fromkeys(origins)),
            secrets=(KeySecret(token.hash),),
            created_at=at,
            source_id=source_id,
        )
        await self._keys.insert_one(_to_document(key), session=session)
        return IssuedKey(key, token)

    async def set_origins(self, key_id: str, origins: Sequence[str], session: Session) -> None:
        """Let web pages of these origins use the key and no others; none: every sender but web pages."""
        await self._keys.update_one(
            {"_id": key_id}, {"$set": {"origins": list(dict.fromkeys(origins))}}, session=session
        )

    async def get(self, key_id: str, session: Session | None = None) -> ApiKey:
        """The key. Raises `NotFound`."""
        doc = await self._keys.find_one({"_id": key_id}, session=session)
        if doc is None:
            raise NotFound("API key", key_id)
        return _key(doc)

    async def page(self, after: Keyset | None, limit: int) -> list[ApiKey]:
        """Keys, revoked ones too, newest first."""
        cursor = (
            self._keys.find(keyset.after("createdAt", after))
            .sort([("createdAt", -1), ("_id", 1)])
            .limit(limit)
        )
        return [_key(doc) async for doc in cursor]

    async def active(self) -> list[ApiKey]:
        """Every key that is not revoked."""
        return [_key(doc) async for doc in self._keys.find({"revokedAt": None})]

    async def rotate(
        self, key_id: str, at: Millis, overlap: Millis, session: Session | None = None
    ) -> IssuedKey:
        """Add a new secret to the key; the old ones expire after `overlap` (milliseconds) at the latest.

        Raises `NotFound`, and `Conflict` for a revoked key or one with too many secrets that are still valid.
        """
        key = await self.get(key_id, session)
        if key.revoked_at is not None:
            raise Conflict("The key is revoked, and stays so; create another one.")
        token = new_token(key_id)
        secrets = rotated(key.secrets, KeySecret(token.hash), at, overlap, of="key")
        changed = await self._keys.find_one_and_update(
            {"_id": key_id, "revokedAt": None, "secrets": _stored(key.secrets)},
            {"$set": {"secrets": _stored(secrets)}},
            return_document=True,
            session=session,
        )
        if changed is None:
            raise Conflict("The key was changed concurrently; try again.")
        return IssuedKey(_key(changed), token)

    async def revoke(self, key_id: str, at: Millis, session: Session | None = None) -> ApiKey:
        """Invalidate the key and all its secrets for good. Idempotent. Raises `NotFound`."""
        await self._keys.update_one(
            {"_id": key_id, "revokedAt": None},
            {"$set": {"revokedAt": to_bson(at), "secrets": []}},
            session=session,
        )
        return await self.get(key_id, session)

    async def record_uses(self, uses: Mapping[str, Millis]) -> None:
        """Store when keys were last used; an earlier time never overwrites a later one."""
        if uses:
            await self._keys.bulk_write(
                [UpdateOne({"_id": one}, {"$max": {"lastUsedAt": to_bson(at)}}) for one, at in uses.items()],
                ordered=False,
            )


def _stored(secrets: Sequence[KeySecret]) -> list[Document]:
    return [
        {"hash": one.hash, "expiresAt": None if one.expires_at is None else to_bson(one.expires_at)}
        for one in secrets
    ]


def _to_document(key: ApiKey) -> Document:
    return {
        "_id": key.key_id,
        "name": key.name,
        "scopes": list(key.scopes),
        "origins": list(key.origins),
        "secrets": _stored(key.secrets),
        "createdAt": to_bson(key.created_at),
        "revokedAt": None,
        "sourceId": key.source_id,
    }


def _key(doc: Document) -> ApiKey:
    used, revoked = doc.get("lastUsedAt"), doc["revokedAt"]
    return ApiKey(
        key_id=doc["_id"],
        name=doc["name"],
        scopes=tuple(doc["scopes"]),
        origins=tuple(doc["origins"]),
        secrets=tuple(
            KeySecret(
                one["hash"], expires_at=None if one["expiresAt"] is None else from_bson(one["expiresAt"])
            )
            for one in doc["secrets"]
        ),
        created_at=from_bson(doc["createdAt"]),
        last_used_at=None if used is None else from_bson(used),
        revoked_at=None if revoked is None else from_bson(revoked),
        source_id=doc.get("sourceId", ""),
    )

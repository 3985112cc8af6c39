"""Tokens of requests whose body is not signed: each is taken once, so that nobody sends another body with it."""

from __future__ import annotations

import hashlib

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.instant import DAY, Millis
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["HOOK_TOKENS", "HookTokenStore"]

HOOK_TOKENS = CollectionSpec(
    "hookTokens",
    Distribution.UNSHARDED,
    (IndexModel([("until", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="hashes of random tokens, for a day",
)


class HookTokenStore:
    """Which tokens were taken. They are forgotten after a day, when their signature is long too old."""

    def __init__(self, database: Database) -> None:
        self._tokens = HOOK_TOKENS.of(database)

    async def is_taken(self, endpoint_id: str, token: str) -> bool:
        """Whether a request with this token was taken already."""
        return await self._tokens.find_one({"_id": _id(endpoint_id, token)}, {"_id": 1}) is not None

    async def take(self, endpoint_id: str, token: str, at: Millis) -> None:
        """Note that the request with this token is stored."""
        try:
            await self._tokens.insert_one({"_id": _id(endpoint_id, token), "until": to_bson(at + DAY)})
        except DuplicateKeyError:
            return


def _id(endpoint_id: str, token: str) -> str:
    return hashlib.blake2b(f"{endpoint_id}\x1f{token}".encode(), digest_size=16).hexdigest()

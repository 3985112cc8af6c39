"""Challenges of passkey ceremonies: random, single-use, for five minutes."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from domain.instant import MINUTE, Millis
from engine.people.one_time import secret_hash
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["PASSKEY_CHALLENGES", "ChallengeStore"]

_LIFE: Millis = 5 * MINUTE

PASSKEY_CHALLENGES = CollectionSpec(
    "passkeyChallenges",
    Distribution.UNSHARDED,
    (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="random challenges, kept for five minutes",
)


class ChallengeStore:
    """Remembers challenges until they are answered."""

    def __init__(self, database: Database) -> None:
        self._challenges = PASSKEY_CHALLENGES.of(database)

    async def add(self, challenge: bytes, at: Millis) -> None:
        """Open a challenge."""
        await self._challenges.insert_one(
            {"_id": secret_hash(challenge.hex()), "expiresAt": to_bson(at + _LIFE)}
        )

    async def use(self, challenge: bytes, at: Millis) -> bool:
        """Close the challenge; False if it was not open."""
        found = await self._challenges.find_one_and_delete({"_id": secret_hash(challenge.hex())})
        return found is not None and at < from_bson(found["expiresAt"])

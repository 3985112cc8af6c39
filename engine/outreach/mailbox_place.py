"""How far a mailbox has been read: the UID of the last mail taken in, under the UIDVALIDITY that it belongs to."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["MAILBOX_PLACES", "MailboxPlaceStore", "Place"]

MAILBOX_PLACES = CollectionSpec(
    "mailboxPlaces",
    Distribution.UNSHARDED,
    free_of_personal_data="numbers of mails, under a hash of our own account",
)


class Place(Struct, frozen=True, kw_only=True):
    """A place in a folder; `at`: when the last mail before it was taken in."""

    uid_validity: int
    last_uid: int
    at: Millis = 0


class MailboxPlaceStore:
    """The place of each mailbox that is or was read."""

    def __init__(self, database: Database) -> None:
        self._places = MAILBOX_PLACES.of(database)

    async def find(self, mailbox_id: str) -> Place | None:
        """The place; None for a mailbox that was never read."""
        doc = await self._places.find_one({"_id": mailbox_id})
        if doc is None:
            return None
        return Place(uid_validity=doc["uidValidity"], last_uid=doc["lastUid"], at=from_bson(doc["at"]))

    async def move(self, mailbox_id: str, place: Place) -> None:
        """Note that everything up to the place is stored."""
        fields = {"uidValidity": place.uid_validity, "lastUid": place.last_uid, "at": to_bson(place.at)}
        await self._places.update_one({"_id": mailbox_id}, {"$set": fields}, upsert=True)

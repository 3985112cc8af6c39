"""The number of partitions of a store: chosen when it is made, kept in it, and the same for all that is opened on it."""

from __future__ import annotations

from contextlib import suppress

from pymongo.errors import DuplicateKeyError, PyMongoError

from domain.errors import Invalid, Unavailable
from domain.events.partition import require_partitions
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["STORE_PROPERTIES", "settle_partitions", "stored_partitions"]

STORE_PROPERTIES = CollectionSpec(
    "storeProperties", Distribution.UNSHARDED, free_of_personal_data="numbers chosen when the store was made"
)

_LOG = "log"
_EVENTS = "events"
_INDEX_OF_ONE = "eventId_1"
"""The index of a store that has one partition, made before there was a property: event ids are unique in all of it."""


async def settle_partitions(database: Database, wanted: int, *, given_as: str = "LOG_PARTITIONS") -> int:
    """The number of partitions of this store, which is what is wanted if the store is not made yet. Safe in parallel.

    `given_as`: the setting or the argument with the number, for the message.

    Raises `Invalid` when the store has another number, and `Unavailable` when MongoDB does not answer.
    """
    require_partitions(wanted)
    try:
        found = await stored_partitions(database)
        if found is None:
            with suppress(DuplicateKeyError):  # another process was faster
                await STORE_PROPERTIES.of(database).insert_one({"_id": _LOG, "partitions": wanted})
            found = await stored_partitions(database)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer; is MONGODB_URI right? {error}") from error
    if found is not None and found != wanted:
        raise Invalid(
            f"{given_as} is {wanted}, and the store in {database.name} was made with {found}: set it to {found}. "
            "It cannot be changed yet once a store is made."
        )
    return wanted


async def stored_partitions(database: Database) -> int | None:
    """The number with which the store was made; None if it is not made yet.

    A store of an earlier release has no such property, and one partition. Raises what PyMongo raises.
    """
    if doc := await STORE_PROPERTIES.of(database).find_one({"_id": _LOG}):
        return require_partitions(doc["partitions"])
    events = database[_EVENTS]
    if _INDEX_OF_ONE in await events.index_information() or await events.find_one({}, {"_id": 1}):
        return 1
    return None

"""The connection to MongoDB: concerns, transactions, collections and indexes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from domain.errors import Invalid, Unavailable
from engine.process.redaction import without_quotations

__all__ = [
    "DUPLICATE_KEY",
    "TRANSACTION_SECONDS",
    "Client",
    "Collection",
    "Database",
    "Document",
    "Session",
    "connect",
    "create_collections",
    "database_of",
    "transact",
    "without_codec",
]

Document = dict[str, Any]
Client = AsyncMongoClient[Document]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]
Session = AsyncClientSession

TRANSACTION_SECONDS = 20
"""Longest that a transaction, or an append in its stead, is tried again."""

DUPLICATE_KEY = 11000
"""The code of the error with which MongoDB refuses a second document of a unique key."""

INDEXES: dict[str, list[IndexModel]] = {
    "events": [
        IndexModel([("eventId", ASCENDING)], unique=True),
        IndexModel([("leadId", ASCENDING), ("_id", ASCENDING)]),
        # Of the few events that a person has discarded; all others cost it nothing.
        IndexModel(
            [("discarded.at", ASCENDING)], partialFilterExpression={"discarded.at": {"$exists": True}}
        ),
    ],
    "leadKeys": [],
    "leads": [
        IndexModel([(field, DESCENDING), ("_id", ASCENDING)])
        for field in ("score", "lastActivityAt", "velocity")
    ]
    + [
        IndexModel([("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("risk", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("rulebook", ASCENDING)]),
    ],
    "scoreHistory": [IndexModel([("leadId", ASCENDING), ("_id", ASCENDING)])],
    "automationExecutions": [
        IndexModel([("leadId", ASCENDING), ("ruleId", ASCENDING), ("dateBucket", ASCENDING)], unique=True),
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING)]),
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
    ],
    "tasks": [
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("dueAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("dueAt", ASCENDING), ("_id", ASCENDING)]),
    ],
    "webhookEndpoints": [IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)])],
    "webhookDeliveries": [
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("endpointId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("endpointId", ASCENDING), ("state", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]
        ),
    ],
    "apiKeys": [
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("revokedAt", ASCENDING)]),
    ],
    "auditLog": [
        IndexModel([("at", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("target", ASCENDING), ("at", DESCENDING), ("_id", ASCENDING)]),
    ],
    "checkpoints": [],
    "leases": [],
    "deadLetters": [
        IndexModel([("lastAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("lastAt", DESCENDING), ("_id", ASCENDING)]),
    ],
    "rulebooks": [],
    "underWay": [],
}
"""Every collection and what it is looked up by; `_id` is always unique besides."""

SUPERSEDED = {
    "scoreHistory": ["eventId_1", "leadId_1_position_1"],
    "deadLetters": ["state_1_lastAt_-1"],
}
"""Indexes that earlier versions made and that only cost time now (ADR 21)."""

INDEX_NOT_FOUND = 27


def connect(uri: str) -> Client:
    """A client for this process and event loop. Every write is durable on a majority; every wait is bounded.

    Raises `Invalid` for a URI that cannot be meant.
    """
    try:
        return AsyncMongoClient(
            uri,
            appname="lead-engine",
            tz_aware=False,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            retryWrites=True,
            serverSelectionTimeoutMS=5_000,
            connectTimeoutMS=5_000,
            heartbeatFrequencyMS=2_000,  # so soon a member that was taken for gone counts again; 10 s by default
            socketTimeoutMS=30_000,
            waitQueueTimeoutMS=10_000,
            maxPoolSize=100,
        )
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise Invalid(f"MONGODB_URI is wrong: {without_quotations(str(error))}") from None


class _PlainInteger(TypeDecoder):
    """PyMongo reads 64-bit integers as a class of its own, which JSON encoders and strict decoders refuse."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


_CODEC = CodecOptions[Document](
    type_registry=TypeRegistry([_PlainInteger()]),
    # A date beyond all calendars comes as one of its own class: it is the fault of its document, not of the query.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def database_of(client: Client, name: str) -> Database:
    """The database; its documents come with plain integers and naive UTC datetimes."""
    return client.get_database(name, codec_options=_CODEC)


def without_codec(collection: Collection) -> Collection:
    """The collection with 64-bit integers in PyMongo's own class, for documents of which we know where these stand.

    With a codec like ours PyMongo decodes everything twice, and 4.17 answers a findAndModify that meets a step-down of
    the primary with an AttributeError, which nothing retries (`_check_command_response` updates a raw document).
    """
    return collection.with_options(
        codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    )


R = TypeVar("R")


async def transact(client: Client, body: Callable[[Session], Awaitable[R]]) -> R:
    """Run `body` in one durable transaction, again from its start when another one was faster.

    `body` may run several times, so it must touch nothing but the database and its own variables.
    Raises what PyMongo raises once `TRANSACTION_SECONDS` have passed.
    """
    with pymongo.timeout(TRANSACTION_SECONDS):
        async with client.start_session() as session:
            return await session.with_transaction(
                body,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern(w="majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )


async def create_collections(database: Database) -> None:
    """Create what is missing of collections and indexes. Safe to run again and by several at once.

    Raises `Unavailable` when MongoDB cannot be reached, `Invalid` when it is not a replica set.
    """
    try:
        hello = await database.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise Invalid("MongoDB at MONGODB_URI is not a replica set, and transactions need one.")
        existing = set(await database.list_collection_names())
        for name, indexes in INDEXES.items():
            if name not in existing:
                await _create(database, name)
            if indexes:
                await database[name].create_indexes(indexes)
            for superseded in SUPERSEDED.get(name, ()):
                await _drop_index(database[name], superseded)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB cannot be set up: {error}") from error


async def _create(database: Database, name: str) -> None:
    try:
        await database.create_collection(name)
    except pymongo.errors.CollectionInvalid:
        return  # another process was faster


async def _drop_index(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code != INDEX_NOT_FOUND:
            raise

"""The connection to MongoDB: read and write concerns, transactions, codecs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from domain.errors import Invalid
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
"""Longest that a transaction, or an append without one, is retried."""

DUPLICATE_KEY = 11000
"""The code of the error with which MongoDB refuses a second document of a unique key."""


def connect(uri: str) -> Client:
    """A client for this process and event loop. Every write is durable on a majority; every wait is bounded.

    Raises `Invalid` for a malformed URI.
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
            heartbeatFrequencyMS=2_000,  # until a member that was unreachable is used again; 10 s by default
            socketTimeoutMS=30_000,
            waitQueueTimeoutMS=10_000,
            maxPoolSize=100,
        )
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise Invalid(f"MONGODB_URI is wrong: {without_quotations(str(error))}") from None


class _PlainInteger(TypeDecoder):
    """Decodes 64-bit integers as `int`: PyMongo's own class is refused by JSON encoders and strict decoders."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


_CODEC = CodecOptions[Document](
    type_registry=TypeRegistry([_PlainInteger()]),
    # A date out of range is decoded as a class of its own, so that it fails its document and not the query.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def database_of(client: Client, name: str) -> Database:
    """The database; its documents come with plain integers and naive UTC datetimes."""
    return client.get_database(name, codec_options=_CODEC)


def without_codec(collection: Collection) -> Collection:
    """The collection with 64-bit integers in PyMongo's own class, for documents whose integers we convert ourselves.

    With a codec like ours PyMongo decodes everything twice, and 4.17 answers a findAndModify that meets a step-down of
    the primary with an AttributeError, which nothing retries (`_check_command_response` updates a raw document).
    """
    return collection.with_options(
        codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    )


R = TypeVar("R")


async def transact(client: Client, body: Callable[[Session], Awaitable[R]]) -> R:
    """Run `body` in one durable transaction, again from its start after a write conflict.

    `body` may run several times, so it must have no effect but on the database.
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

"""The store of names: which streams have a word in their names, found by keyed hashes only.

A projection of events. A document has the words of the latest names in one stream, hashed under a key of their own, so that
no name can be read from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError

from domain.identity.known_names import FieldName, KnownNames
from engine.identity.identity_store import IdentityStore
from engine.store.collection import CollectionSpec, Distribution
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import DUPLICATE_KEY, Database, Document, without_codec

__all__ = ["LEAD_NAMES", "NameStore"]

LEAD_NAMES = CollectionSpec(
    "leadNames", Distribution.BY_LEAD, (IndexModel([("words", ASCENDING), ("_id", ASCENDING)]),)
)

_PURPOSE = b"words of names"
_HASH_BYTES = 12


class NameStore:
    """Reads and writes the names of streams."""

    def __init__(self, database: Database, identities: IdentityStore) -> None:
        self._names = without_codec(LEAD_NAMES.of(database))
        self._identities = identities
        self._key: bytes | None = None

    async def hashes(self, words: Collection[str]) -> tuple[str, ...]:
        """The keyed hash of each word (BLAKE2b, 96 bits)."""
        key = self._key
        if key is None:
            key = self._key = (await self._identities.blind_index()).derived(_PURPOSE)
        return tuple(
            blake2b(word.encode(errors="surrogatepass"), key=key, digest_size=_HASH_BYTES).hexdigest()
            for word in words
        )

    async def read(self, streams: Collection[str]) -> dict[str, KnownNames]:
        """The names of each of these streams that has any."""
        cursor = self._names.find({"_id": {"$in": list(streams)}})
        return {doc["_id"]: _names_of(doc) async for doc in cursor}

    async def write(self, changes: Mapping[str, KnownNames]) -> None:
        """Replace the names of streams, each of which was read and changed; names without a field are removed.

        Raises `ConcurrencyConflict` if another process has written one of them meanwhile; others may be written then.
        """
        writes = [_write(stream, names) for stream, names in changes.items()]
        if not writes:
            return
        try:
            done = await self._names.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                raise
            raise _conflict() from None
        if done.matched_count + done.upserted_count + done.deleted_count < len(writes):
            raise _conflict()

    async def with_words(self, hashes: Sequence[str], after: str, limit: int) -> list[str]:
        """The next streams after this one, in the order of their ids, that have all of these words."""
        query: Document = {"words": {"$all": list(hashes)}, "_id": {"$gt": after}}
        cursor = self._names.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(limit)
        return [doc["_id"] async for doc in cursor]

    async def among(self, streams: Collection[str], hashes: Sequence[str]) -> set[str]:
        """Those of the streams that have all of these words."""
        query: Document = {"_id": {"$in": list(streams)}, "words": {"$all": list(hashes)}}
        return {doc["_id"] async for doc in self._names.find(query, {"_id": 1})}

    async def remove(self, stream: str) -> int:
        """Forget the names of the stream. Returns how many fields there were."""
        doc = await self._names.find_one_and_delete({"_id": stream})
        return len(doc["fields"]) if doc else 0


def _names_of(doc: Document) -> KnownNames:
    fields = {
        field: FieldName(tuple(one["words"]), (one["when"][0], one["when"][1], one["when"][2]))
        for field, one in doc["fields"].items()
    }
    return KnownNames(fields, doc["version"])


def _write(stream: str, names: KnownNames) -> ReplaceOne[Document] | DeleteOne:
    same = {"_id": stream, "version": names.version}
    if not names.fields and names.version:
        return DeleteOne(same)
    document = {
        "version": names.version + 1,
        "words": names.words,
        "fields": {
            field: {"words": list(one.words), "when": list(one.when)} for field, one in names.fields.items()
        },
    }
    return ReplaceOne(same, document, upsert=not names.version)


def _conflict() -> ConcurrencyConflict:
    return ConcurrencyConflict("the names of a stream were written meanwhile")

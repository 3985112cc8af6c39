"""Databases that tests borrow one after the other, emptied in between: to make and drop one each takes 0.2 s."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Collection

from pymongo.read_concern import ReadConcern
from redis.asyncio import Redis

from engine.schema import COLLECTIONS
from engine.store.mongo import Database, Document, connect

__all__ = ["Databases", "empty"]

_numbers = itertools.count(1)

_WHOLE = (len(COLLECTIONS), sum(1 + len(spec.indexes) for spec in COLLECTIONS))
"""How many collections and indexes a database has on which the engine has been set up."""


async def empty(database: Database, *, but: Collection[str] = ()) -> None:
    """Delete every document, except in the collections of these names."""
    used = await database.with_options(read_concern=ReadConcern("local")).aggregate(_USED_COLLECTIONS)
    names = [found["_id"] async for found in used if found["_id"] not in but]
    await asyncio.gather(*(database[name].delete_many({}) for name in names))


def _used_collections() -> list[Document]:
    """A query for the names of all collections that have a document: one command in place of a deletion from each."""
    return [
        {"$documents": []},
        *(
            {"$unionWith": {"coll": spec.name, "pipeline": [{"$limit": 1}, {"$project": {"_id": spec.name}}]}}
            for spec in COLLECTIONS
        ),
    ]


_USED_COLLECTIONS = _used_collections()


class Databases:
    """The databases of this test process on one MongoDB, and the keys in one Valkey that are named after them."""

    def __init__(self, mongodb_uri: str, redis_url: str) -> None:
        self._client = connect(mongodb_uri)
        self._redis = Redis.from_url(redis_url)
        self._free: list[str] = []
        self._set_up: set[str] = set()

    def is_set_up(self, name: str) -> bool:
        """Whether the database of this name has had every collection and index since before it was borrowed."""
        return name in self._set_up

    @contextlib.asynccontextmanager
    async def borrowed(self) -> AsyncIterator[str]:
        """The name of a database without a document, whose collections may be there already."""
        name = self._free.pop() if self._free else f"test_{os.getpid()}_{next(_numbers)}"
        yield name
        await self._clear(name)
        self._free.append(name)

    async def close(self) -> None:
        await self._client.close()
        await self._redis.aclose()

    async def _clear(self, name: str) -> None:
        stats = await self._client[name].command("dbStats")
        if (stats["collections"], stats["indexes"]) == _WHOLE:
            await empty(self._client[name])
            self._set_up.add(name)
        else:
            await self._client.drop_database(name)
            self._set_up.discard(name)
        for other in await self._client.list_database_names():
            if other.startswith(f"{name}-"):
                await self._client.drop_database(other)
        for separator in (":", "-"):
            async for key in self._redis.scan_iter(match=f"lead-engine:{name}{separator}*"):
                await self._redis.delete(key)

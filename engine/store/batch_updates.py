"""Batches concurrent updates of single documents: callers that come while a command runs share the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from msgspec import Struct
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from engine.store.batch_loader import BatchLoader
from engine.store.mongo import Collection, Document

__all__ = ["BatchUpdates", "OneUpdate"]

_MAX_UPDATES = 100


class OneUpdate(Struct, frozen=True):
    """The update of one document, as for `update_one`, and whether a document shows that just this one has changed it."""

    query: Document
    change: Document
    has_changed: Callable[[Document], bool]


class BatchUpdates:
    """Applies updates, each atomic by itself and acknowledged before its caller goes on.

    The answer to a command says only how many documents it has changed: unless all of them, they are read.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: dict[str, OneUpdate] = {}
        self._names = count()
        self._batches: BatchLoader[bool | BaseException] = BatchLoader(self._apply, max_keys=_MAX_UPDATES)

    async def apply(self, update: OneUpdate) -> bool:
        """Apply the update. Whether there was a document that it is for. Raises what `update_one` raises."""
        name = str(next(self._names))
        self._waiting[name] = update
        try:
            outcome = (await self._batches.load([name]))[name]
        finally:
            self._waiting.pop(name, None)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def _apply(self, names: set[str]) -> dict[str, bool | BaseException]:
        updates = {name: self._waiting[name] for name in names if name in self._waiting}
        if len(updates) < _WORTH_A_BATCH:
            return await self._one_by_one(updates)
        writes = [UpdateOne(one.query, one.change) for one in updates.values()]
        try:
            matched = (await self._collection.bulk_write(writes, ordered=False)).matched_count
        except BulkWriteError:  # of one of them: it is for its caller alone
            changed = await self._changed(updates)
            rest = {name: one for name, one in updates.items() if not changed[name]}
            return {**changed, **await self._one_by_one(rest)}
        if matched == len(updates):
            return dict.fromkeys(updates, True)
        return {**await self._changed(updates)}

    async def _changed(self, updates: Mapping[str, OneUpdate]) -> dict[str, bool | BaseException]:
        """Which of the updates were made, by the documents."""
        ids = [one.query["_id"] for one in updates.values()]
        documents = {doc["_id"]: doc async for doc in self._collection.find({"_id": {"$in": ids}})}
        return {
            name: (doc := documents.get(one.query["_id"])) is not None and one.has_changed(doc)
            for name, one in updates.items()
        }

    async def _one_by_one(self, updates: Mapping[str, OneUpdate]) -> dict[str, bool | BaseException]:
        outcomes: dict[str, bool | BaseException] = {}
        for name, one in updates.items():
            try:
                result = await self._collection.update_one(one.query, one.change)
            except Exception as error:  # noqa: BLE001 - for the caller of this one
                outcomes[name] = error
            else:
                outcomes[name] = result.matched_count > 0
        return outcomes


_WORTH_A_BATCH = 2

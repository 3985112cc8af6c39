"""The store of message results: one small document per message, a projection of events that can be made again at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING, DeleteOne, IndexModel, ReplaceOne

from domain.analytics.message_result import MessageResult
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["BY_TIME", "MESSAGE_RESULTS", "ResultStore", "read_result"]

BY_TIME = [("at", DESCENDING), ("_id", ASCENDING)]
"""The order of lists: newest first."""

MESSAGE_RESULTS = CollectionSpec(
    "messageResults",
    Distribution.BY_LEAD,
    (
        IndexModel([("streamId", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("at", DESCENDING)]),
        IndexModel(BY_TIME),
        IndexModel(
            [("sequence", ASCENDING), *BY_TIME],
            partialFilterExpression={"sequence": {"$exists": True}},
        ),
        IndexModel(
            [("campaign", ASCENDING), *BY_TIME],
            partialFilterExpression={"campaign": {"$exists": True}},
        ),
    ),
)

_MOMENTS = {
    "at": "at",
    "plannedAt": "planned_at",
    "sentAt": "sent_at",
    "deliveredAt": "delivered_at",
    "openedAt": "opened_at",
    "clickedAt": "clicked_at",
    "repliedAt": "replied_at",
    "meetingAt": "meeting_at",
    "optedOutAt": "opted_out_at",
    "complainedAt": "complained_at",
    "bouncedAt": "bounced_at",
    "wonAt": "won_at",
}
_OTHERS = {
    "_id": "message_id",
    "leadId": "lead_id",
    "streamId": "stream_id",
    "ownerId": "owner_id",
    "channel": "channel",
    "sequence": "sequence",
    "version": "version",
    "step": "step",
    "variant": "variant",
    "campaign": "campaign",
    "fate": "fate",
    "reasons": "reasons",
    "intents": "intents",
}
"""Names of fields in documents, and here. What is empty is left out."""


class ResultStore:
    """Reads and writes message results. A message belongs to the stream in which it was planned, for ever."""

    def __init__(self, database: Database) -> None:
        self._results = MESSAGE_RESULTS.of(database)

    async def of_streams(self, streams: Collection[str]) -> dict[str, MessageResult]:
        """The stored results of these streams, by message id."""
        cursor = self._results.find({"streamId": {"$in": list(streams)}})
        return {doc["_id"]: read_result(doc) async for doc in cursor}

    async def having(self, streams: Collection[str]) -> set[str]:
        """Those of the streams that have a result."""
        return set(await self._results.distinct("streamId", {"streamId": {"$in": list(streams)}}))

    async def write(self, results: Iterable[MessageResult], removed: Iterable[str] = ()) -> None:
        """Store these results, and remove those of other messages."""
        writes: list[ReplaceOne[Document] | DeleteOne] = [
            *(ReplaceOne({"_id": one.message_id}, _document(one), upsert=True) for one in results),
            *(DeleteOne({"_id": message_id}) for message_id in removed),
        ]
        if writes:
            await self._results.bulk_write(writes, ordered=False)

    async def remove(self, stream: str) -> int:
        """Remove the results of a stream. Returns how many there were."""
        return (await self._results.delete_many({"streamId": {"$eq": stream}})).deleted_count

    async def streams(self) -> AsyncIterator[str]:
        """Every stream that has a result, in the order of their ids."""
        last = None
        async for doc in self._results.find({}, {"_id": 0, "streamId": 1}).sort("streamId", ASCENDING):
            if doc["streamId"] != last:
                last = doc["streamId"]
                yield last

    async def of_stream(self, stream: str) -> AsyncIterator[MessageResult]:
        """The results of one stream."""
        async for doc in self._results.find({"streamId": {"$eq": stream}}).sort("_id", 1):
            yield read_result(doc)


def _document(result: MessageResult) -> Document:
    document: Document = {}
    for name, field in _OTHERS.items():
        value = getattr(result, field)
        if value not in (None, "", 0, ()):
            document[name] = list(value) if isinstance(value, tuple) else value
    for name, field in _MOMENTS.items():
        at: Millis | None = getattr(result, field)
        if at is not None:
            document[name] = to_bson(at)
    return document


def read_result(document: Mapping[str, Any]) -> MessageResult:
    """The result in a document."""
    values = {field: document[name] for name, field in _OTHERS.items() if name in document}
    moments = {field: from_bson(document[name]) for name, field in _MOMENTS.items() if name in document}
    return msgspec.convert({**values, **moments}, MessageResult)

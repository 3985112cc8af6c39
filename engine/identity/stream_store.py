"""The store of merged streams: which lead each belongs to, and the merges that made it so.

A projection of the events `lead.merged` and `lead.unmerged`, written in the transaction that appends them. A stream that
was never merged has no document and is a lead of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pymongo
from pymongo import IndexModel

from domain.identity.membership import Merge, root_of, streams_below
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session, without_codec

__all__ = ["LEAD_STREAMS", "Membership", "StreamStore"]

LEAD_STREAMS = CollectionSpec(
    "leadStreams", Distribution.BY_LEAD, (IndexModel("leadId"), IndexModel("merges.into"))
)

_MAX_KEYS = 500
_QUERY_SECONDS = 10
"""Longest that a shared query may take, elections included."""


class Membership(NamedTuple):
    """The streams of some leads, as far as these have several, and the leads of some streams that are merged."""

    lead_of: dict[str, str]
    streams: dict[str, tuple[str, ...]]

    def leads(self, stream_ids: Iterable[str]) -> list[str]:
        """The leads of these streams, each once, in their order."""
        return list(dict.fromkeys(self.lead_of.get(one, one) for one in stream_ids))


class StreamStore:
    """Reads memberships, and records merges."""

    def __init__(self, database: Database) -> None:
        self._streams = without_codec(LEAD_STREAMS.of(database))
        self._loader = BatchLoader(self._leads_of, max_keys=_MAX_KEYS)

    async def membership(self, stream_ids: Collection[str], session: Session | None = None) -> Membership:
        """The leads of these streams, and the streams of these leads. One query where nothing is merged."""
        wanted = list(stream_ids)
        query: Document = {"$or": [{"_id": {"$in": wanted}}, {"leadId": {"$in": wanted}}]}
        found = await self._found(query, session)
        if further := set(found.values()) - set(wanted):
            found |= await self._found({"leadId": {"$in": list(further)}}, session)
        streams: dict[str, list[str]] = {}
        for stream_id, lead_id in found.items():
            if stream_id != lead_id:
                streams.setdefault(lead_id, [lead_id]).append(stream_id)
        return Membership(found, {lead_id: tuple(sorted(of_lead)) for lead_id, of_lead in streams.items()})

    async def lead_of(self, stream_id: str, session: Session | None = None) -> str:
        """The lead that the stream belongs to. Concurrent calls outside of transactions share a query."""
        if session is None:
            return (await self._loader.load([stream_id])).get(stream_id, stream_id)
        doc = await self._streams.find_one({"_id": stream_id}, {"leadId": 1}, session=session)
        return stream_id if doc is None else str(doc["leadId"])

    async def of_lead(self, lead_id: str, session: Session | None = None) -> tuple[str, ...]:
        """The streams of the lead of this id, which may be that of any of its streams."""
        membership = await self.membership([lead_id], session)
        lead_id = membership.lead_of.get(lead_id, lead_id)
        return membership.streams.get(lead_id, (lead_id,))

    async def known_at(self, lead_id: str, at: Millis) -> tuple[str, ...]:
        """The streams of the lead that this stream was part of, by the merges that had been received by then."""
        merges: list[Merge] = []
        seen: set[str] = set()
        wanted = {lead_id}
        while wanted:
            seen |= wanted
            query = {"$or": [{"_id": {"$in": list(wanted)}}, {"merges.into": {"$in": list(wanted)}}]}
            fresh = [one for one in await self._merges(query) if one.stands(at)]
            merges += fresh
            wanted = {name for one in fresh for name in (one.stream, one.into)} - seen
        return streams_below(root_of(lead_id, merges, at), merges, at)

    async def merges_of(self, lead_id: str, session: Session | None = None) -> list[Merge]:
        """The merges that stand within a lead, oldest first."""
        merges = await self._merges({"leadId": lead_id}, session)
        return sorted((one for one in merges if one.stands(None)), key=lambda one: (one.since, one.stream))

    async def were_parted(self, one: str, other: str) -> bool:
        """Whether a merge between these two leads was undone."""
        membership = await self.membership([one, other])
        first, second = (set(membership.streams.get(lead_id, (lead_id,))) for lead_id in (one, other))
        merges = await self._merges({"_id": {"$in": [*first, *second]}, "merges.until": {"$exists": True}})
        return any(
            merge.until is not None and (merge.stream in first) != (merge.into in first)
            for merge in merges
            if merge.into in first | second
        )

    async def merge(self, lead_id: str, merge: Merge, session: Session) -> None:
        """Record that a lead, with all its streams, is part of another one, the lead `merge.into`."""
        await self._streams.update_many(
            {"leadId": lead_id}, {"$set": {"leadId": merge.into}}, session=session
        )
        entry = {"into": merge.into, "since": to_bson(merge.since)}
        await self._streams.update_one(
            {"_id": lead_id},
            {"$set": {"leadId": merge.into}, "$push": {"merges": {"$each": [entry]}}},
            upsert=True,
            session=session,
        )

    async def unmerge(self, merge: Merge, streams: Sequence[str], at: Millis, session: Session) -> None:
        """Record that a merge is undone: these streams, those below its own, are a lead of its name again."""
        await self._streams.update_many(
            {"_id": {"$in": list(streams)}}, {"$set": {"leadId": merge.stream}}, session=session
        )
        await self._streams.update_one(
            {
                "_id": merge.stream,
                "merges": {"$elemMatch": {"into": merge.into, "until": {"$exists": False}}},
            },
            {"$set": {"merges.$.until": to_bson(at)}},
            session=session,
        )

    async def _leads_of(self, stream_ids: set[str]) -> dict[str, str]:
        with pymongo.timeout(_QUERY_SECONDS):
            return await self._found({"_id": {"$in": list(stream_ids)}}, None)

    async def _found(self, query: Document, session: Session | None) -> dict[str, str]:
        cursor = self._streams.find(query, {"leadId": 1}, session=session)
        return {doc["_id"]: doc["leadId"] for doc in await cursor.to_list()}

    async def _merges(self, query: Document, session: Session | None = None) -> list[Merge]:
        cursor = self._streams.find(query, session=session)
        return [
            Merge(
                doc["_id"],
                one["into"],
                from_bson(one["since"]),
                from_bson(one["until"]) if "until" in one else None,
            )
            for doc in await cursor.to_list()
            for one in doc.get("merges", ())
        ]

"""The events of leads, read from the log. Nothing here adds, changes or removes one.

The events of a lead are those of all its streams; each is stored under the id of its own stream for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import Event
from domain.events.partition import partition_at, partition_of, position_in
from domain.instant import Millis
from engine.capture.codec import decode
from engine.capture.log.collection import BY_LEAD, EVENTS
from engine.capture.stored_event import StoredEvent
from engine.identity.stream_store import StreamStore
from engine.process.clock import from_bson, to_bson
from engine.store.keyset import in_any_of, within
from engine.store.mongo import Database, Document, Session, without_codec

__all__ = ["EventStore"]

_NEAR = 500
"""Positions within which leads share one branch of a query; at most so many events of a group are read in vain."""

_LEAD_IDS_FROM_EVENTS = 20_000
"""Events in which the next leads are looked for at a time."""
_EVENTS_AT_A_TIME = 10_000
"""Most documents of one reply, which ends at 16 MB anyway."""
_SLICE = 250
"""Events of one lead that are decoded before other tasks get their turn: about a millisecond."""


class EventStore:
    """Events by lead, in a log of so many partitions."""

    def __init__(self, database: Database, *, partitions: int = 1) -> None:
        self._events = EVENTS.of(database)
        self._streams = StreamStore(database)
        self._partitions = partitions
        self._codecless = without_codec(self._events)  # for documents that `decode` reads

    async def after(
        self,
        applied: Mapping[str, AppliedPositions],
        limit: int,
        session: Session | None = None,
        *,
        streams: Mapping[str, Sequence[str]] | None = None,
    ) -> list[StoredEvent]:
        """The events of each lead after its applied positions, each lead's oldest first; about `limit` if there are more.

        MongoDB plans each branch of an `$or` by itself, which costs more than reading an event. So leads with
        applied positions near each other share a branch, and what that reads in vain is left out here. `streams` are those
        of leads that have several, which are looked up if they are not given. These leads are read one by one, in the order
        of positions over all of their streams, and so are leads with positions in several partitions, of which an un-merge
        may have left one stream.
        """
        if not applied:
            return []
        if streams is None:
            streams = (await self._streams.membership(applied, session)).streams
        apart = [lead_id for lead_id, one in applied.items() if lead_id in streams or one.elsewhere]
        if apart:
            alone = {lead_id: applied[lead_id] for lead_id in applied.keys() - set(apart)}
            found = await self.after(alone, limit, session, streams={})
            for lead_id in apart:
                of_lead = streams.get(lead_id, (lead_id,))
                found += await self._after(lead_id, of_lead, applied[lead_id], limit, session)
            return found
        branches, in_vain = [], 0
        last = {lead_id: one.last for lead_id, one in applied.items()}
        for group in _neighbours(last):
            low, high = last[group[0]], last[group[-1]]
            branches.append({"leadId": {"$in": group}, "_id": {"$gt": low}})
            in_vain += high - low
        max_read = limit + in_vain
        query: Document = {"$or": branches} if len(branches) > 1 else branches[0]
        cursor = self._codecless.find(query, batch_size=max_read, session=session)
        documents = await cursor.sort([("leadId", 1), ("_id", 1)]).limit(max_read).to_list()
        return [StoredEvent.of(doc) for doc in documents if doc["_id"] > last[doc["leadId"]]]

    async def _after(
        self,
        lead_id: str,
        streams: Sequence[str],
        applied: AppliedPositions,
        limit: int,
        session: Session | None,
    ) -> list[StoredEvent]:
        query: Document = {"leadId": _any_of(streams), **in_any_of(applied.rest())}
        cursor = self._codecless.find(query, session=session, hint=_hint(streams))
        cursor = cursor.sort(_in_order(streams, 1)).limit(limit)
        return [StoredEvent.of(doc, lead_id) for doc in await cursor.to_list()]

    async def of_lead(
        self,
        lead_id: str,
        *,
        until: Millis | None = None,
        known_at: Millis | None = None,
        since: int | None = None,
        up_to: AppliedPositions | None = None,
        types: Collection[str] | None = None,
    ) -> list[Event]:
        """The events of a lead in position order: occurred by `until`, received by `known_at`, and in `up_to`.

        In the partition of `since` only those from that position on.
        With `types` only those of these types as they were stored: a discarded one is among them, as what it counts as.
        """
        slices = self.slices_of_lead(
            lead_id, until=until, known_at=known_at, since=since, up_to=up_to, types=types
        )
        return [event async for events in slices for event in events]

    async def latest_of_lead(self, lead_id: str, types: Collection[str], limit: int) -> list[Event]:
        """The last events of these types that were stored for a lead, the newest first; a discarded one as what it counts as."""
        found = await self.newest_of_lead(lead_id, limit, types=types)
        return [one.decode() for one in found]

    async def newest_of_lead(
        self,
        lead_id: str,
        limit: int,
        *,
        types: Collection[str] | None = None,
        beyond: AppliedPositions | None = None,
    ) -> list[StoredEvent]:
        """The lead's newest events, newest first, those too that cannot be decoded: of several partitions those received last.

        With `types` only those of these types as they were stored; with `beyond` only those that are not in these positions.
        """
        found: list[Document] = []
        by_partition = _by_partition(await self._of(lead_id), self._partitions)
        for partition, streams in by_partition.items():
            query: Document = {"leadId": _any_of(streams)}
            if beyond is not None:
                query["_id"] = {"$gt": beyond.in_partition_of(position_in(partition, 1))}
            if types is not None:
                query["type"] = {"$in": list(types)}
            cursor = self._codecless.find(query, hint=_hint(streams))
            found += await cursor.sort(_in_order(streams, -1)).limit(limit).to_list()
        if len(by_partition) > 1:
            found.sort(key=_by_receipt, reverse=True)
        return [StoredEvent.of(doc, lead_id) for doc in found[:limit]]

    async def slices_of_lead(
        self,
        lead_id: str,
        *,
        until: Millis | None = None,
        known_at: Millis | None = None,
        since: int | None = None,
        up_to: AppliedPositions | None = None,
        types: Collection[str] | None = None,
    ) -> AsyncIterator[list[Event]]:
        """The same in lists of a few hundred, decoded one after the other, so that other tasks get their turn in between."""
        streams = await self._of(lead_id, known_at)
        query: Document = {"leadId": _any_of(streams)}
        if up_to is not None:
            query |= in_any_of(NOTHING_APPLIED.until(up_to))
        elif since is not None:
            query |= in_any_of(AppliedPositions.of([max(since - 1, 0)]).rest())
        if until is not None:  # an event that is said to occur after its receipt occurs at that
            query["$or"] = [{field: {"$lte": to_bson(until)}} for field in ("occurredAt", "receivedAt")]
        if known_at is not None:
            query["receivedAt"] = {"$lte": to_bson(known_at)}
        if types is not None:
            query["type"] = {"$in": list(types)}
        cursor = self._codecless.find(query, batch_size=_SLICE, hint=_hint(streams)).sort(
            _in_order(streams, 1)
        )
        while documents := await cursor.to_list(_SLICE):
            yield [decode(document, known_at, lead_id) for document in documents]
            if len(documents) < _SLICE:
                return

    async def _of(self, lead_id: str, known_at: Millis | None = None) -> tuple[str, ...]:
        """The streams of the lead, now or by what was known then."""
        if known_at is None:
            return await self._streams.of_lead(lead_id)
        return await self._streams.known_at(lead_id, known_at)

    async def last_of_lead(
        self,
        lead_id: str,
        *,
        up_to: int | None = None,
        before: int | None = None,
        session: Session | None = None,
    ) -> int:
        """The position of the lead's newest event, or that in a partition at or before `up_to` or `before` a position.

        0 if there is none. Of several partitions the newest is that of the last one.
        """
        streams = await self._streams.of_lead(lead_id, session)
        end = before if up_to is None else up_to
        start = None if end is None else position_in(partition_at(end), 0)
        query = {"leadId": _any_of(streams), **within(since=start or None, up_to=up_to, before=before)}
        order = _in_order(streams, -1)
        doc = await self._events.find_one(query, {"_id": 1}, sort=order, session=session, hint=_hint(streams))
        return doc["_id"] if doc else 0

    async def all_applied(self, lead_id: str, applied: AppliedPositions, position: int) -> bool:
        """Whether a lead that has applied these positions has all of its events up to a position of that partition.

        So it is where the event at the position is of a stream that an un-merge has parted from the lead since.
        """
        if applied.includes(position):
            return True
        return applied.includes(await self.last_of_lead(lead_id, up_to=position))

    async def newest_of_streams(
        self, streams: Iterable[str], partitions: int, session: Session
    ) -> AppliedPositions:
        """The positions of the newest events of these streams, in each of the log's partitions that they lie in."""
        found = [
            await self._events.find_one(
                {"leadId": _any_of(of_one)},
                {"_id": 1},
                sort=_in_order(of_one, -1),
                session=session,
                hint=_hint(of_one),
            )
            for of_one in _by_partition(streams, partitions).values()
        ]
        return AppliedPositions.of(doc["_id"] for doc in found if doc)

    async def page_of_lead(
        self, lead_id: str, limit: int, *, up_to: int | None = None, before: int | None = None
    ) -> list[StoredEvent]:
        """The lead's events, newest first, those too that cannot be decoded; a page goes on `before` the last position."""
        streams = await self._of(lead_id)
        query: Document = {"leadId": _any_of(streams), **within(up_to=up_to, before=before)}
        cursor = self._events.find(query, hint=_hint(streams)).sort(_in_order(streams, -1)).limit(limit)
        return [StoredEvent.of(doc, lead_id) async for doc in cursor]

    async def lead_ids_after(self, lead_id: str) -> list[str]:
        """The next leads that have events, in the order of their ids; empty if there are none after this one.

        One range of the index of events by lead, of which MongoDB reads nothing else.
        """
        stages: list[Document] = [
            {"$match": {"leadId": {"$gt": lead_id}}},
            {"$sort": {"leadId": 1, "_id": 1}},
            {"$limit": _LEAD_IDS_FROM_EVENTS},
            {"$group": {"_id": "$leadId"}},
        ]
        return sorted([doc["_id"] async for doc in await self._events.aggregate(stages)])

    async def of_leads(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, list[StoredEvent]]:
        """Every event of these leads, by lead in the order of their ids, each lead's in position order."""
        wanted = list(lead_ids)
        several = (await self._streams.membership(wanted, session)).streams
        lead_of = {stream: lead_id for lead_id in wanted for stream in several.get(lead_id, (lead_id,))}
        cursor = self._codecless.find(
            {"leadId": {"$in": list(lead_of)}}, batch_size=_EVENTS_AT_A_TIME, session=session
        )
        found: dict[str, list[StoredEvent]] = defaultdict(list)
        for document in await cursor.sort([("leadId", 1), ("_id", 1)]).to_list():
            lead_id = lead_of[document["leadId"]]
            found[lead_id].append(StoredEvent.of(document, lead_id))
        for lead_id in several.keys() & found.keys():
            found[lead_id].sort(key=attrgetter("position"))
        return dict(sorted(found.items())) if several else found

    async def since(
        self, lead_id: str, after: AppliedPositions, up_to: AppliedPositions, session: Session
    ) -> list[StoredEvent]:
        """The lead's events that are not in `after` and are in `up_to`, in position order."""
        streams = await self._streams.of_lead(lead_id, session)
        query: Document = {"leadId": _any_of(streams), **in_any_of(after.until(up_to))}
        cursor = self._codecless.find(query, session=session, hint=_hint(streams)).sort(_in_order(streams, 1))
        return [StoredEvent.of(document, lead_id) for document in await cursor.to_list()]

    async def at(self, lead_id: str, positions: Sequence[int], session: Session) -> list[StoredEvent]:
        """The lead's events at these positions."""
        if not positions:
            return []
        found = await self._codecless.find({"_id": {"$in": list(positions)}}, session=session).to_list()
        return [StoredEvent.of(document, lead_id) for document in found]

    async def count_sealed(self, lead_id: str, key_id: str) -> int:
        """The number of the lead's events with a field that is encrypted with this key; their body hash names it."""
        query = {"leadId": lead_id, "bodyHash": {"$gte": f"{key_id}:", "$lt": f"{key_id};"}}
        return await self._events.count_documents(query)


def _any_of(streams: Sequence[str]) -> object:
    return streams[0] if len(streams) == 1 else {"$in": list(streams)}


def _in_order(streams: Sequence[str], direction: int) -> list[tuple[str, int]]:
    """The order of positions, which the index by lead has within each stream."""
    by_position = [("_id", direction)]
    return [("leadId", direction), *by_position] if len(streams) == 1 else by_position


def _hint(streams: Sequence[str]) -> list[tuple[str, int]] | None:
    """The index that a query for several streams names: left to choose, MongoDB reads the whole log beyond 200 of them."""
    return None if len(streams) == 1 else BY_LEAD


def _by_partition(streams: Iterable[str], partitions: int) -> dict[int, list[str]]:
    """The streams in each partition of the log that any of them lies in."""
    found: dict[int, list[str]] = defaultdict(list)
    for one in streams:
        found[partition_of(one, partitions)].append(one)
    return found


def _by_receipt(document: Document) -> tuple[Millis, int]:
    """The order of receipt over partitions; without a readable time of receipt an event is the oldest."""
    received_at = document.get("receivedAt")
    return (from_bson(received_at) if isinstance(received_at, datetime) else 0, document["_id"])


def _neighbours(applied: Mapping[str, int]) -> list[list[str]]:
    """The leads in groups whose applied positions lie near each other, each in the order of these positions."""
    groups: list[list[str]] = []
    low = -_NEAR
    for lead_id, position in sorted(applied.items(), key=lambda item: item[1]):
        if position - low >= _NEAR:
            groups.append([])
            low = position
        groups[-1].append(lead_id)
    return groups

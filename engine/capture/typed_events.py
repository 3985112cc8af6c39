"""Reading the events of some types, of the whole log or of a lead: the others never leave MongoDB."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from functools import partial
from operator import attrgetter

from domain.events.event import Event
from engine.capture.codec import decode
from engine.capture.log.collection import EVENTS
from engine.capture.log.subscription import LogSlice
from engine.capture.stored_event import StoredEvent
from engine.identity.stream_store import StreamStore
from engine.store.batch_loader import BatchLoader
from engine.store.mongo import Database, without_codec

__all__ = ["TypedEvents"]

_SCANNED = 20_000
"""Positions of the log that one call looks at."""
_READ = 200
"""Events that one call reads."""
_WITHOUT_MARKS = {"retraction": 0, "properties.messageBody": 0}
_MAX_LEADS = 100
"""Leads of which one query of `of_lead` reads."""


class TypedEvents:
    """Events by their types."""

    def __init__(self, database: Database) -> None:
        self._events = without_codec(EVENTS.of(database))
        self._streams = StreamStore(database)
        self._loaders: dict[frozenset[str], BatchLoader[list[Event]]] = {}

    async def after(self, position: int, up_to: int, types: Collection[str]) -> LogSlice:
        """The next events of these types after a position, at most up to another one, at which an event must be stored."""
        end = min(position + _SCANNED, up_to)
        query = {"_id": {"$gt": position, "$lte": end}, "type": {"$in": sorted(types)}}
        found = await self._events.find(query, batch_size=_READ).sort("_id", 1).limit(_READ).to_list()
        events = [StoredEvent.of(doc) for doc in found]
        return LogSlice(events, events[-1].position if len(events) == _READ else end)

    async def as_appended(
        self, streams: Collection[str], types: Collection[str]
    ) -> AsyncIterator[StoredEvent]:
        """The events of these streams of these types, in any order, retracted ones too, without the text of replies.

        Marks of retractions are left out: they say what the lead has applied, not what stands in the log.
        """
        query = {"leadId": {"$in": list(streams)}, "type": {"$in": sorted(types)}}
        async for document in self._events.find(query, _WITHOUT_MARKS, batch_size=_READ):
            yield StoredEvent.of(document)

    async def of_lead(self, lead_id: str, types: frozenset[str]) -> list[Event]:
        """The events of a lead of these types, in position order. Concurrent callers with the same types share a query."""
        loader = self._loaders.get(types)
        if loader is None:
            loader = BatchLoader(partial(self._of_leads, types), max_keys=_MAX_LEADS)
            self._loaders = {types: loader}  # the types change with the rulebook only
        return (await loader.load([lead_id])).get(lead_id, [])

    async def _of_leads(self, types: frozenset[str], lead_ids: set[str]) -> dict[str, list[Event]]:
        membership = await self._streams.membership(lead_ids)
        asked: dict[str, list[str]] = defaultdict(list)
        for lead_id in lead_ids:
            lead = membership.lead_of.get(lead_id, lead_id)
            for stream in membership.streams.get(lead, (lead,)):
                asked[stream].append(lead_id)
        query = {"leadId": {"$in": list(asked)}, "type": {"$in": sorted(types)}}
        cursor = self._events.find(
            query, batch_size=_READ
        )  # sorted here, or the log might be read in its order
        found: dict[str, list[Event]] = defaultdict(list)
        while documents := await cursor.to_list(_READ):
            for document in documents:
                for lead_id in asked[document["leadId"]]:
                    found[lead_id].append(decode(document, None, lead_id))
        for events in found.values():
            events.sort(key=attrgetter("position"))
        return found

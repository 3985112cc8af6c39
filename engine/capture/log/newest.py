"""The newest positions of the log, looked up from those that were found last: a look at a partition that rests costs two point reads."""

from __future__ import annotations

from collections.abc import Iterable

from domain.events.partition import number_of, partition_at
from engine.capture.log.collection import newest_position, newest_positions
from engine.store.mongo import Collection, Document, Session

__all__ = ["NewestPositions"]

_BY_POSITION = [("_id", 1)]

_NEAR = 32
"""Positions behind the last found one that are read of a partition that has moved, before it is searched."""
_MAX_AT_ONCE = 10_000
"""Positions in one answer of MongoDB: all, where each of 256 partitions has moved."""


class NewestPositions:
    """Looks up the newest position of each partition. What it remembers of the look before saves work, and is never answered unseen.

    Positions have no gap, so the last one that was found is still the newest if it is stored and the next one is not. Where
    the next one is, a few positions on are read; only partitions that have moved further, or back, are searched.
    """

    def __init__(self, events: Collection, partitions: int) -> None:
        self._events = events
        self._partitions = partitions
        self._found: dict[int, int] = {}

    async def of(self, partitions: Iterable[int], session: Session | None = None) -> dict[int, int]:
        """The position of the newest event of each of these partitions; of an empty one the place before its first.

        Those of a log of several are read beside the transaction, which cannot ask for all of them at once. They are durable.
        """
        if self._partitions == 1:
            return {0: await newest_position(self._events, session)}
        wanted = set(partitions)
        known = {one: self._found[one] for one in wanted if one in self._found}
        newest = await self._near(known) if known else {}
        if rest := sorted(wanted - newest.keys()):
            newest |= await newest_positions(self._events, rest)
        self._found |= newest
        return newest

    async def _near(self, known: dict[int, int]) -> dict[int, int]:
        """The newest positions of those partitions in which they are these or a few on."""
        looked_for = [one for at in known.values() for one in (at, at + 1)]
        stored = await self._stored({"p": {"$in": sorted(known)}, "_id": {"$in": looked_for}})
        there = {one: at for one, at in known.items() if at in stored or not number_of(at)}
        moved = {one: at for one, at in there.items() if at + 1 in stored}
        return {one: at for one, at in there.items() if one not in moved} | await self._behind(moved)

    async def _behind(self, moved: dict[int, int]) -> dict[int, int]:
        """The newest positions of those partitions in which they are less than `_NEAR` behind these."""
        if not moved:
            return {}
        ranges = [{"p": one, "_id": {"$gt": at, "$lte": at + _NEAR}} for one, at in moved.items()]
        newest: dict[int, int] = {}
        for position in await self._stored({"$or": ranges}):
            partition = partition_at(position)
            newest[partition] = max(newest.get(partition, 0), position)
        return {one: at for one, at in newest.items() if at < moved[one] + _NEAR}

    async def _stored(self, query: Document) -> set[int]:
        found = self._events.find(query, {"_id": 1}, hint=_BY_POSITION, batch_size=_MAX_AT_ONCE)
        return {doc["_id"] async for doc in found}

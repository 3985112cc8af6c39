"""The newest positions of the log, looked up from those that were found last: a look at a partition that rests costs two point reads."""

from __future__ import annotations

from collections.abc import Collection as Several

from domain.events.partition import number_of
from engine.capture.log.collection import newest_position, newest_positions
from engine.store.mongo import Collection, Session

__all__ = ["NewestPositions"]

_BY_POSITION = [("_id", 1)]


class NewestPositions:
    """Looks up the newest position of each partition. What it remembers of the look before saves work, and is never answered unseen.

    Positions have no gap, so the last one that was found is still the newest if it is stored and the next one is not. Only
    the partitions of which that is not so are searched.
    """

    def __init__(self, events: Collection, partitions: int) -> None:
        self._events = events
        self._partitions = partitions
        self._found: dict[int, int] = {}

    async def of(self, partitions: Several[int], session: Session | None = None) -> dict[int, int]:
        """The position of the newest event of each of these partitions; of an empty one the place before its first.

        Those of a log of several are read beside the transaction, which cannot ask for all of them at once. They are durable.
        """
        if self._partitions == 1:
            return {0: await newest_position(self._events, session)}
        known = {one: self._found[one] for one in partitions if one in self._found}
        newest = await self._unchanged(known) if known else {}
        if rest := sorted(set(partitions) - newest.keys()):
            newest |= await newest_positions(self._events, rest)
        self._found |= newest
        return newest

    async def _unchanged(self, known: dict[int, int]) -> dict[int, int]:
        """Those of these positions that are stored, if they are of an event, and that no other follows."""
        looked_for = [one for at in known.values() for one in (at, at + 1)]
        query = {"p": {"$in": sorted(known)}, "_id": {"$in": looked_for}}
        found = self._events.find(query, {"_id": 1}, hint=_BY_POSITION, batch_size=len(looked_for))
        stored = {doc["_id"] async for doc in found}
        return {
            partition: at
            for partition, at in known.items()
            if at + 1 not in stored and (at in stored or not number_of(at))
        }

"""Limits of sending: per sender and day, per domain of the recipients and minute, and pauses of a whole channel."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.instant import DAY, MINUTE, Millis, to_datetime
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document

__all__ = ["SENDING_LIMITS", "ChannelPause", "SendingLimits"]

SENDING_LIMITS = CollectionSpec(
    "sendingLimits",
    Distribution.UNSHARDED,
    (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="counts per channel, day and keyed hash of a domain",
)

_FAILURES_TO_PAUSE = 5
"""Failures of a channel in a row after which it is paused: the circuit is open."""
_FIRST_PAUSE, _LONGEST_PAUSE = MINUTE, 60 * MINUTE


class ChannelPause(Struct, frozen=True):
    """Until when a channel sends nothing, and why."""

    until: Millis
    why: str


_MAX_CHANNELS = 20


class SendingLimits:
    """Counters and pauses that all worker processes share."""

    def __init__(self, database: Database) -> None:
        self._limits = SENDING_LIMITS.of(database)
        self._pauses = BatchLoader(self._load_pauses, max_keys=_MAX_CHANNELS)
        self._most: dict[str, tuple[Millis, int]] = {}
        self._without_failures: set[str] = set()
        """Channels that had none when they were last looked at, so that a success has nothing to take back."""

    async def take(
        self, name: str, span: Millis, limit: int, at: Millis, *, spans_kept: int = 1
    ) -> Millis | None:
        """Count one message within the present span of time. None, or the moment from which there is room again.

        A slot that is taken is used up even if the message is then not sent. The count is kept for a day and for
        `spans_kept` spans, in which `most_of` finds it.
        """
        if limit <= 0:
            return None
        begin = at - at % span
        key = f"{name}:{begin}"
        try:
            await self._limits.update_one(
                {"_id": key, "count": {"$lt": limit}},
                {
                    "$inc": {"count": 1},
                    "$setOnInsert": {"expiresAt": to_datetime(begin + span * spans_kept) + timedelta(days=1)},
                },
                upsert=True,
            )
        except DuplicateKeyError:
            return begin + span
        return None

    async def most_of(self, name: str, span: Millis, spans: int, at: Millis) -> int:
        """The most messages that were counted in one of so many spans before the present one.

        It is asked of MongoDB once per span: what is past does not change.
        """
        begin = at - at % span
        known = self._most.get(name)
        if known is None or known[0] != begin:
            keys = [f"{name}:{begin - number * span}" for number in range(1, spans + 1)]
            counts = [doc["count"] async for doc in self._limits.find({"_id": {"$in": keys}}, {"count": 1})]
            known = self._most[name] = (begin, max(counts, default=0))
        return known[1]

    async def pause_of(self, channel: str, at: Millis) -> ChannelPause | None:
        """The pause of a channel, if it is paused at this moment. Concurrent callers share a query."""
        key = f"pause:{channel}"
        doc = (await self._pauses.load([key])).get(key)
        if doc is None:
            self._without_failures.add(channel)
            return None
        self._without_failures.discard(channel)
        if "until" not in doc or from_bson(doc["until"]) <= at:
            return None
        return ChannelPause(from_bson(doc["until"]), doc["why"])

    async def failed(self, channel: str, why: str, at: Millis, asked_for: Millis = 0) -> ChannelPause | None:
        """Count a failure that is about the channel. Returns the pause that begins with it, if one does.

        A pause that the other side asked for begins at once. Without one, the channel is paused after five failures in
        a row, for a minute, and twice as long after each further one, up to an hour.
        """
        self._without_failures.discard(channel)
        doc = await self._limits.find_one_and_update(
            {"_id": f"pause:{channel}"},
            {"$inc": {"failures": 1}, "$unset": {"expiresAt": ""}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert doc is not None  # the upsert sees to it
        beyond = doc["failures"] - _FAILURES_TO_PAUSE
        pause = asked_for
        if beyond >= 0:
            pause = max(pause, min(_FIRST_PAUSE * 2 ** min(beyond, 10), _LONGEST_PAUSE))
        if not pause:
            return None
        until = at + min(pause, DAY)
        await self._limits.update_one(
            {"_id": f"pause:{channel}"}, {"$max": {"until": to_bson(until)}, "$set": {"why": why[:300]}}
        )
        return ChannelPause(until, why)

    async def succeeded(self, channel: str) -> None:
        """Close the circuit: a message went out. Costs nothing while no failure is known."""
        if channel in self._without_failures:
            return
        await self._limits.delete_one({"_id": f"pause:{channel}", "failures": {"$gt": 0}})

    async def _load_pauses(self, keys: set[str]) -> dict[str, Document]:
        return {doc["_id"]: doc async for doc in self._limits.find({"_id": {"$in": list(keys)}})}

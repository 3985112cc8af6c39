"""Readings of replies as due work: one per reply, which is classified and gets its event `reply.classified`."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.errors import Conflict
from domain.instant import Millis
from domain.replies.reply_event import reading_id
from engine.capture.stored_event import StoredEvent
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["REPLY", "REPLY_READINGS", "ReplyReading", "ReplyReadingStore"]

REPLY = "reply"
"""The kind of due work that these readings are."""

REPLY_READINGS = CollectionSpec(
    "replyReadings",
    Distribution.BY_LEAD,
    (due_index(), IndexModel([("leadId", ASCENDING)])),
    free_of_personal_data="ids of leads, positions of events, and times",
)
_DUPLICATE = 11000


class ReplyReading(Unit, frozen=True, kw_only=True):
    """The reply at a position of the log, in the stream `lead_id`."""

    lead_id: str
    position: int

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "readingId": self.unit_id}


class ReplyReadingStore(WorkStore[ReplyReading]):
    """Readings; the id of each is that of the event which it is to append."""

    def __init__(self, database: Database) -> None:
        super().__init__(REPLY_READINGS.of(database), _read, name="reading of a reply")

    async def add(self, replies: Iterable[StoredEvent], at: Millis) -> int:
        """Store a reading, due now, of each of these replies that has none. Returns how many are new."""
        new: list[Document] = [
            {
                "_id": reading_id(reply.stream_id, reply.event_id),
                "leadId": reply.stream_id,
                "position": reply.position,
                **new_unit(at),
            }
            for reply in replies
        ]
        if not new:
            return 0
        try:
            return len((await self._units.insert_many(new, ordered=False)).inserted_ids)
        except BulkWriteError as error:
            if any(one["code"] != _DUPLICATE for one in error.details["writeErrors"]):
                raise
            return int(error.details["nInserted"])

    async def discard(
        self, unit_id: str, because: str, at: Millis, session: Session | None = None
    ) -> ReplyReading:
        """Give up a dead reading for good: it is done, and says why. Raises `NotFound`, and `Conflict` for one that is not dead."""
        discarded = await self._units.update_one(
            {"_id": unit_id, "state": "dead"},
            {"$set": {"state": "done", "dueAt": to_bson(at), "heldBecause": f"discarded: {because}"}},
            session=session,
        )
        unit = await self.get(unit_id, session)
        if not discarded.matched_count:
            raise Conflict("Only a dead reading is discarded.")
        return unit


def _read(doc: Document) -> ReplyReading:
    return ReplyReading(**unit_fields(doc), position=doc["position"])

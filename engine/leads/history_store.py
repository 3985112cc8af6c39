"""The store of score history: one row per event applied to a lead, in the order in which the events occurred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne
from pymongo.errors import PyMongoError

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.events.partition import position_after
from domain.instant import Millis
from domain.leads.history_row import HistoryRow
from engine.leads.history_codec import encoded_array, to_document, to_raw
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import within
from engine.store.mongo import Database, Document, Session

__all__ = ["SCORE_HISTORY", "HistoryStore", "Place"]

SCORE_HISTORY = CollectionSpec(
    "scoreHistory",
    Distribution.BY_LEAD,
    (IndexModel([("leadId", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)]),),
    superseded_indexes=("eventId_1", "leadId_1_position_1", "leadId_1__id_1"),
)

Place = tuple[Millis, int]
"""The place of a row in its lead's history: when its event occurred, and its position."""

_AS_BYTES = CodecOptions(document_class=RawBSONDocument)
_FIRST_BATCH = b"\x04firstBatch\0"
"""The type and name of the first field of a reply's cursor: the array of documents."""
_LENGTH_BYTES = 4
_MAX_COUNTED = 100_000
"""Rows; takes MongoDB about 50 ms."""
_MAX_ROWS = 1_000_000
"""More than a reply of 16 MB can hold: it has all rows, or as many as go into it."""


class HistoryStore:
    """Rows of history by lead and time; their id is the position of their event, so there is at most one per event."""

    def __init__(self, database: Database) -> None:
        self._rows = SCORE_HISTORY.of(database)

    async def add(
        self, rows: Sequence[HistoryRow], session: Session, *, changed: Sequence[HistoryRow] = ()
    ) -> None:
        """Store the rows of events applied for the first time, and replace those that these have `changed`.

        They are deleted and inserted, as leads are (ADR 20).
        """
        if changed:
            positions = [row.position for row in changed]
            await self._rows.delete_many({"_id": {"$in": positions}}, session=session)
        if rows or changed:
            await self._rows.insert_many([to_raw(row) for row in (*rows, *changed)], session=session)

    async def rewrite(
        self, lead_id: str, after: Place | None, rows: Sequence[HistoryRow], session: Session
    ) -> None:
        """Store these rows in place of all that the lead has behind a place and up to the last of these."""
        last = rows[-1].at, rows[-1].position
        between: list[Document] = [_up_to_place(last), *([] if after is None else [_behind_place(after)])]
        replaced = {"_id": {"$in": [row.position for row in rows]}}
        await self._rows.delete_many(
            {"$or": [{"leadId": lead_id, "$and": between}, replaced]}, session=session
        )
        await self._rows.insert_many([to_raw(row) for row in rows], session=session)

    async def behind(self, lead_id: str, place: Place, session: Session) -> list[HistoryRow]:
        """The rows of the lead behind a place, oldest first."""
        query = {"leadId": lead_id, **_behind_place(place)}
        cursor = self._rows.find(query, session=session).sort([("leadId", 1), ("at", 1), ("_id", 1)])
        return [_row(doc) async for doc in cursor]

    async def correct(
        self, stored: Sequence[HistoryRow], right: Sequence[HistoryRow], session: Session
    ) -> None:
        """Replace the stored rows of a lead by the right ones, where they differ."""
        before = {row.position: row for row in stored}
        changes: list[ReplaceOne[Document] | DeleteOne] = [
            ReplaceOne({"_id": row.position}, to_document(row), upsert=True)
            for row in right
            if before.pop(row.position, None) != row
        ]
        changes += [DeleteOne({"_id": position}) for position in before]
        if changes:
            await self._rows.bulk_write(changes, session=session)

    async def of_leads(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, list[HistoryRow]]:
        """All rows of each lead that has any, oldest first."""
        cursor = self._rows.find({"leadId": {"$in": list(lead_ids)}}, session=session)
        rows: dict[str, list[HistoryRow]] = defaultdict(list)
        async for doc in cursor.sort([("leadId", 1), ("at", 1), ("_id", 1)]):
            rows[doc["leadId"]].append(_row(doc))
        return rows

    async def as_stored(self, lead_ids: Iterable[str]) -> bytes:
        """All rows of the leads, lead by lead in the order of their ids, oldest first, for `differing` to compare.

        They come as the one document that the reply to a `find` holds them in, because what PyMongo does for each row
        costs as much as encoding it. Empty if that cannot be had: `differing` then reads the rows once more.
        """
        find: Document = {
            "find": self._rows.name,
            "filter": {"leadId": {"$in": list(lead_ids)}},
            "sort": {"leadId": 1, "at": 1, "_id": 1},
            "batchSize": _MAX_ROWS,
            "singleBatch": True,
            "readConcern": self._rows.read_concern.document,
        }
        try:
            reply = await self._rows.database.command(find, codec_options=_AS_BYTES)
            return bytes(reply["cursor"].raw)
        # PyMongo answers a member that is no primary any more with an AttributeError where replies are raw.
        except (PyMongoError, AttributeError):
            return b""

    async def differing(self, right: Mapping[str, Sequence[HistoryRow]], as_stored: bytes) -> set[str]:
        """The leads whose stored rows differ in any bit from the right ones, of which there is at least one per lead.

        Rows of later positions do not count: a worker may be adding them. `as_stored` is what `as_stored` returned
        for these leads; comparing it is enough as long as nothing differs.
        """
        if not right:
            return set()
        rows = encoded_array(row for lead_id in sorted(right) for row in right[lead_id])
        if as_stored.startswith(_FIRST_BATCH + rows, _LENGTH_BYTES):
            return set()
        found = await self.of_leads(right)
        return {
            lead_id
            for lead_id, rows_of_lead in right.items()
            if _up_to(_applied(rows_of_lead), found.get(lead_id, ())) != list(rows_of_lead)
        }

    async def count_after(self, cursor: LogCursor) -> int:
        """The number of rows after a place in the log: that of the events after it that are applied.

        Counted one by one, since the cheap count of MongoDB is wrong for good after an unclean end of it. Beyond 100,000
        rows the cheap one has to do: only while so many wait for the reconciler's mark to pass them.
        """
        first, *others = [{"_id": {"$gt": one, "$lt": position_after(one)}} for one in cursor.positions]
        query: Document = {"$or": [first, *others]} if others else first
        counted = await self._rows.count_documents(query, limit=_MAX_COUNTED)
        if counted < _MAX_COUNTED:
            return counted
        return max(counted, await self._rows.estimated_document_count() - cursor.events)

    async def page_of_lead(
        self,
        lead_id: str,
        limit: int,
        *,
        up_to: int | None = None,
        before: Place | None = None,
        silent: bool = True,
        types: Collection[str] | None = None,
        other_than: Collection[str] = (),
    ) -> list[HistoryRow]:
        """The rows of a lead, newest first, with or without the silent ones; a page goes on `before` the last row.

        Only those of events of these `types`, or of none of the `other_than`.
        """
        query: Document = {"leadId": lead_id, **within(up_to=up_to, before=None)}
        if types is not None:
            query["type"] = {"$in": list(types)}
        elif other_than:
            query["type"] = {"$nin": list(other_than)}
        if before is not None:
            at, position = to_bson(before[0]), before[1]
            query["at"] = {"$lte": at}
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": position}}]
        if not silent:
            query["silent"] = False
        cursor = self._rows.find(query).sort([("leadId", -1), ("at", -1), ("_id", -1)]).limit(limit)
        return [_row(doc) async for doc in cursor]


def _behind_place(place: Place) -> Document:
    at, position = to_bson(place[0]), place[1]
    return {"at": {"$gte": at}, "$or": [{"at": {"$gt": at}}, {"at": at, "_id": {"$gt": position}}]}


def _up_to_place(place: Place) -> Document:
    at, position = to_bson(place[0]), place[1]
    return {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lte": position}}]}


def _applied(rows: Iterable[HistoryRow]) -> AppliedPositions:
    return AppliedPositions.of(row.position for row in rows)


def _up_to(applied: AppliedPositions, rows: Iterable[HistoryRow]) -> list[HistoryRow]:
    return [row for row in rows if applied.includes(row.position)]


def _row(doc: Document) -> HistoryRow:
    doc["occurredAt"], doc["at"] = from_bson(doc["occurredAt"]), from_bson(doc["at"])
    return msgspec.convert(doc, HistoryRow)

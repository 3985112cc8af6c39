"""The store of score history: one row per event applied to a lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import bson
import msgspec
from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne

from domain.leads.history_row import HistoryRow
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec
from engine.store.keyset import within
from engine.store.mongo import Database, Document, Session

__all__ = ["SCORE_HISTORY", "HistoryStore"]

SCORE_HISTORY = CollectionSpec(
    "scoreHistory",
    (IndexModel([("leadId", ASCENDING), ("_id", ASCENDING)]),),
    superseded_indexes=("eventId_1", "leadId_1_position_1"),  # cost time and served no query (ADR 21)
)


class HistoryStore:
    """Rows of history by lead and position, which is their id: there is at most one per event."""

    def __init__(self, database: Database) -> None:
        self._rows = SCORE_HISTORY.of(database)

    async def add(self, rows: Sequence[HistoryRow], session: Session) -> None:
        """Store the rows of events applied for the first time."""
        if rows:
            await self._rows.insert_many([_to_document(row) for row in rows], session=session)

    async def correct(
        self, stored: Sequence[HistoryRow], right: Sequence[HistoryRow], session: Session
    ) -> None:
        """Replace the stored rows of a lead by the right ones, where they differ."""
        before = {row.position: row for row in stored}
        changes: list[ReplaceOne[Document] | DeleteOne] = [
            ReplaceOne({"_id": row.position}, _to_document(row), upsert=True)
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
        async for doc in cursor.sort([("leadId", 1), ("_id", 1)]):
            rows[doc["leadId"]].append(_row(doc))
        return rows

    async def encoded(self, lead_ids: Iterable[str]) -> bytes:
        """All rows of the leads as they are stored, lead by lead in the order of their ids, oldest first."""
        wanted = {"leadId": {"$in": list(lead_ids)}}
        as_stored = bytearray()
        async for batch in self._rows.find_raw_batches(wanted).sort([("leadId", 1), ("_id", 1)]):
            as_stored += batch  # type: ignore[arg-type]  # bytes, whatever the collection holds
        return bytes(as_stored)

    async def differing(self, right: Mapping[str, Sequence[HistoryRow]], as_stored: bytes) -> set[str]:
        """The leads whose stored rows differ in any bit from the right ones, of which there is at least one per lead.

        Rows after the last right one do not count: a worker may be adding them. `as_stored` is what `encoded` returned
        for these leads; comparing it is enough as long as nothing differs.
        """
        rows = (bson.encode(_to_document(row)) for lead_id in sorted(right) for row in right[lead_id])
        if as_stored == b"".join(rows):
            return set()
        found = await self.of_leads(right)
        return {
            lead_id
            for lead_id, rows_of_lead in right.items()
            if [row for row in found.get(lead_id, ()) if row.position <= rows_of_lead[-1].position]
            != list(rows_of_lead)
        }

    async def count(self) -> int:
        """The number of rows, which is that of applied events; an estimate after an unclean shutdown of MongoDB."""
        return await self._rows.estimated_document_count()

    async def page_of_lead(
        self,
        lead_id: str,
        limit: int,
        *,
        up_to: int | None = None,
        before: int | None = None,
        silent: bool = True,
    ) -> list[HistoryRow]:
        """The rows of a lead, newest first, with or without the silent ones; a page goes on `before` the last position."""
        query: Document = {"leadId": lead_id, **within(up_to=up_to, before=before)}
        if not silent:
            query["silent"] = False
        cursor = self._rows.find(query).sort([("leadId", -1), ("_id", -1)]).limit(limit)
        return [_row(doc) async for doc in cursor]


def _to_document(row: HistoryRow) -> Document:
    return {
        "_id": row.position,
        "position": row.position,
        "eventId": row.event_id,
        "leadId": row.lead_id,
        "type": row.type,
        "occurredAt": to_bson(row.occurred_at),
        "at": to_bson(row.at),
        "previousScore": row.previous_score,
        "decay": row.decay,
        "contributions": [{"ruleId": given.rule_id, "points": given.points} for given in row.contributions],
        "newScore": row.new_score,
        "stageBefore": row.stage_before,
        "stageAfter": row.stage_after,
        "rulebook": row.rulebook,
        "silent": row.silent,
    }


def _row(doc: Document) -> HistoryRow:
    doc["occurredAt"], doc["at"] = from_bson(doc["occurredAt"]), from_bson(doc["at"])
    return msgspec.convert(doc, HistoryRow)

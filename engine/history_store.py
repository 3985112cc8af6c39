"""The history of scores: one row for each event applied to a lead."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pymongo import DeleteOne, ReplaceOne

from domain.lead import HistoryRow
from engine.clock import from_bson, to_bson
from engine.mongo import Database, Document, Session

__all__ = ["HistoryStore"]


class HistoryStore:
    """Rows of history by lead and position."""

    def __init__(self, database: Database) -> None:
        self._rows = database["scoreHistory"]

    async def add(self, rows: Sequence[HistoryRow], session: Session) -> None:
        """Store the rows of events applied for the first time."""
        if rows:
            await self._rows.insert_many([_to_document(row) for row in rows], session=session)

    async def correct(
        self, stored: Sequence[HistoryRow], right: Sequence[HistoryRow], session: Session
    ) -> None:
        """Turn the stored rows of a lead into the right ones."""
        before = {row.position: row for row in stored}
        changes: list[ReplaceOne[Document] | DeleteOne] = [
            ReplaceOne({"_id": row.position}, _to_document(row), upsert=True)
            for row in right
            if before.pop(row.position, None) != row
        ]
        changes += [DeleteOne({"_id": position}) for position in before]
        if changes:
            await self._rows.bulk_write(changes, session=session)

    async def of_lead(self, lead_id: str, session: Session | None = None) -> list[HistoryRow]:
        """All rows of a lead, oldest first."""
        cursor = self._rows.find({"leadId": lead_id}, session=session).sort([("leadId", 1), ("position", 1)])
        return [_row(doc) async for doc in cursor]

    async def page_of_lead(self, lead_id: str, before: int | None, limit: int) -> list[HistoryRow]:
        """The rows of a lead before a position, newest first."""
        query: Document = {"leadId": lead_id, **({} if before is None else {"position": {"$lt": before}})}
        cursor = self._rows.find(query).sort([("leadId", -1), ("position", -1)]).limit(limit)
        return [_row(doc) async for doc in cursor]


def _to_document(row: HistoryRow) -> Document:
    doc: Document = msgspec.to_builtins(row)
    return {**doc, "_id": row.position, "occurredAt": to_bson(row.occurred_at), "at": to_bson(row.at)}


def _row(doc: Document) -> HistoryRow:
    return msgspec.convert(
        {**doc, "occurredAt": from_bson(doc["occurredAt"]), "at": from_bson(doc["at"])}, HistoryRow
    )

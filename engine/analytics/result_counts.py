"""Counts over stored message results, and the results behind a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import get_args

import pymongo
from pymongo import ASCENDING

from domain.analytics.counts import GROUPINGS, OF_LEADS, Counts, Grouping, Measure
from domain.analytics.message_result import MessageResult
from domain.instant import Millis
from engine.analytics.result_store import BY_TIME, MESSAGE_RESULTS, read_result
from engine.analytics.selection import Selection, condition_of, query_of
from engine.store import keyset
from engine.store.keyset import Keyset
from engine.store.mongo import Collection as MongoCollection
from engine.store.mongo import Database, Document, Session

__all__ = ["ResultCounts"]

_SECONDS = 25
"""Longest that a count may take."""

_Row = tuple[object, ...]


class ResultCounts:
    """Reads counts, all of one answer as of one moment."""

    def __init__(self, database: Database) -> None:
        self._results: MongoCollection = MESSAGE_RESULTS.of(database)

    async def count(self, wanted: Selection, by: Grouping, limit: int) -> tuple[list[Counts], bool]:
        """The rows, and whether there were more than `limit`, of which the others are left out."""
        match, fields = query_of(wanted, by), GROUPINGS[by]
        client = self._results.database.client
        with pymongo.timeout(_SECONDS):
            async with client.start_session(snapshot=True) as session:
                numbers = await self._numbers(match, fields, wanted.window, limit + 1, session)
                reasons = await self._parts(match, fields, "reasons", session)
                intents = await self._parts(match, fields, "intents", session)
        rows = [
            Counts(
                **dict(zip(fields, row, strict=True)),  # type: ignore[arg-type]
                numbers=counted,
                withheld_by=reasons.get(row, {}),
                replied_by=intents.get(row, {}),
            )
            for row, counted in numbers[:limit]
        ]
        return rows, len(numbers) > limit

    async def _numbers(
        self, match: Document, fields: Sequence[str], window: Millis, limit: int, session: Session
    ) -> list[tuple[_Row, dict[Measure, int]]]:
        """First per row and lead, so that what is counted once per lead is counted once."""
        measures: tuple[Measure, ...] = get_args(Measure)
        row = {name: f"${name}" for name in fields}
        per_lead = {
            name: {"$max" if name in OF_LEADS else "$sum": {"$cond": [condition_of(name, window), 1, 0]}}
            for name in measures
        }
        steps: list[Document] = [
            {"$match": match},
            {"$group": {"_id": {**row, "leadId": "$leadId"}, **per_lead}},
            {
                "$group": {
                    "_id": {name: f"$_id.{name}" for name in fields},
                    **{name: {"$sum": f"${name}"} for name in measures},
                }
            },
            {"$limit": limit},
        ]
        cursor = await self._results.aggregate(steps, session=session)
        return [
            (tuple(doc["_id"][name] for name in fields), {name: doc[name] for name in measures})
            async for doc in cursor
        ]

    async def _parts(
        self, match: Document, fields: Sequence[str], name: str, session: Session
    ) -> dict[_Row, dict[str, int]]:
        """How many results of each row have each value in the list `name`."""
        steps: list[Document] = [
            {"$match": {**match, name: {"$exists": True}}},
            {"$unwind": f"${name}"},
            {
                "$group": {
                    "_id": {**{field: f"${field}" for field in fields}, "part": f"${name}"},
                    "count": {"$sum": 1},
                }
            },
        ]
        found: dict[_Row, dict[str, int]] = defaultdict(dict)
        async for doc in await self._results.aggregate(steps, session=session):
            found[tuple(doc["_id"][field] for field in fields)][doc["_id"]["part"]] = doc["count"]
        return found

    async def page(
        self, query: Document, measure: Measure, window: Millis, *, after: Keyset | None, limit: int
    ) -> list[MessageResult]:
        """The results that count for the measure, newest first."""
        whole = {**query, "$expr": condition_of(measure, window), **keyset.after("at", after)}
        with pymongo.timeout(_SECONDS):
            found = await self._results.find(whole).sort(BY_TIME).hint(_index(query)).limit(limit).to_list()
        return [read_result(doc) for doc in found]

    async def newest_of_leads(
        self, query: Document, measure: Measure, window: Millis, lead_ids: Collection[str]
    ) -> dict[str, str]:
        """Of each of these leads the newest result that counts for the measure."""
        whole = {**query, "$expr": condition_of(measure, window), "leadId": {"$in": list(lead_ids)}}
        newest: dict[str, tuple[Millis, str]] = {}
        async for doc in self._results.find(whole, {"leadId": 1, "at": 1}):
            place = (doc["at"], doc["_id"])
            known = newest.get(doc["leadId"])
            if known is None or place[0] > known[0] or (place[0] == known[0] and place[1] < known[1]):
                newest[doc["leadId"]] = place
        return {lead: message for lead, (_, message) in newest.items()}


def _index(query: Document) -> list[tuple[str, int]]:
    """The index that has the order of the list; the planner may prefer one after which it has to sort."""
    for name in ("sequence", "campaign"):
        if "$eq" in query.get(name, {}):
            return [(name, ASCENDING), *BY_TIME]
    return BY_TIME

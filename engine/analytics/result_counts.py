"""Counts over stored message results, and the results behind a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
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
from engine.store.mongo import Database, Document

__all__ = ["ResultCounts"]

_SECONDS = 25
"""Longest that a count may take."""

_OF_MESSAGES: tuple[Measure, ...] = tuple(name for name in get_args(Measure) if name not in OF_LEADS)

_Place = tuple[object, ...]
"""The names of a row."""


class ResultCounts:
    """Reads counts. All numbers of one answer are counted from the same documents, which are read once."""

    def __init__(self, database: Database) -> None:
        self._results: MongoCollection = MESSAGE_RESULTS.of(database)

    async def count(self, wanted: Selection, by: Grouping, limit: int) -> tuple[list[Counts], bool]:
        """The rows, and whether there were more than `limit`, of which the others are left out."""
        fields, row = GROUPINGS[by], {name: f"${name}" for name in GROUPINGS[by]}
        steps: list[Document] = [
            {"$match": query_of(wanted, by)},
            {
                "$facet": {
                    "numbers": _numbers(row, wanted.window, limit + 1),
                    "leads": _leads(row, wanted.window),
                    "reasons": _parts(row, "reasons"),
                    "intents": _parts(row, "intents"),
                }
            },
        ]
        with pymongo.timeout(_SECONDS):
            (found,) = await (await self._results.aggregate(steps)).to_list()
        leads, reasons, intents = (_by_row(found[name], fields) for name in ("leads", "reasons", "intents"))
        rows = []
        for one in found["numbers"][:limit]:
            place = _place(one, fields)
            rows.append(
                Counts(
                    **dict(zip(fields, place, strict=True)),  # type: ignore[arg-type]
                    numbers={
                        **{name: one[name] for name in _OF_MESSAGES},
                        **{name: leads[place][0][name] if leads[place] else 0 for name in OF_LEADS},
                    },
                    withheld_by={part["_id"]["part"]: part["count"] for part in reasons[place]},
                    replied_by={part["_id"]["part"]: part["count"] for part in intents[place]},
                )
            )
        return rows, len(found["numbers"]) > limit

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


def _numbers(row: Document, window: Millis, limit: int) -> list[Document]:
    sums = {name: {"$sum": {"$cond": [condition_of(name, window), 1, 0]}} for name in _OF_MESSAGES}
    return [{"$group": {"_id": row, **sums}}, {"$limit": limit}]


def _leads(row: Document, window: Millis) -> list[Document]:
    """First per row and lead, so that a lead counts once however many messages it got."""
    once = {name: {"$max": {"$cond": [condition_of(name, window), 1, 0]}} for name in OF_LEADS}
    return [
        {"$match": {"fate": "sent"}},
        {"$group": {"_id": {**row, "leadId": "$leadId"}, **once}},
        {
            "$group": {
                "_id": {name: f"$_id.{name}" for name in row},
                **{name: {"$sum": f"${name}"} for name in OF_LEADS},
            }
        },
    ]


def _parts(row: Document, name: str) -> list[Document]:
    """How many results of each row have each value in the list `name`."""
    return [
        {"$match": {name: {"$exists": True}}},
        {"$unwind": f"${name}"},
        {"$group": {"_id": {**row, "part": f"${name}"}, "count": {"$sum": 1}}},
    ]


def _by_row(found: Iterable[Document], fields: Sequence[str]) -> dict[_Place, list[Document]]:
    by_row: dict[_Place, list[Document]] = defaultdict(list)
    for one in found:
        by_row[_place(one, fields)].append(one)
    return by_row


def _place(found: Document, fields: Sequence[str]) -> _Place:
    return tuple(found["_id"][name] for name in fields)


def _index(query: Document) -> list[tuple[str, int]]:
    """The index that has the order of the list; the planner may prefer one after which it has to sort."""
    for name in ("sequence", "campaign"):
        if "$eq" in query.get(name, {}):
            return [(name, ASCENDING), *BY_TIME]
    return BY_TIME

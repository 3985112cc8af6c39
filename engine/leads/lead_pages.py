"""Keyset pagination of leads: each page is one range of one index, so page 1,000 costs what page 1 does."""

from __future__ import annotations

from typing import Any, NamedTuple

from bson.max_key import MaxKey
from bson.min_key import MinKey

from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store.mongo import Collection, Document

__all__ = ["LeadFilter", "LeadOrder", "find_page"]

Bounds = list[tuple[str, Any]]


class LeadFilter(NamedTuple):
    """A filter of leads; None means no condition."""

    stage: str | None = None
    risk: str | None = None
    min_score: float | None = None
    outcome: str | None = None
    owners: tuple[str | None, ...] | None = None
    """Only leads of these owners; None among them stands for unassigned leads."""


class LeadOrder(NamedTuple):
    """The order of a list, and the keyset after which a page begins: sort value and id of a lead."""

    field: str
    descending: bool
    after: tuple[float | Millis, str] | None = None


async def find_page(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, limit: int, projection: Document
) -> list[Document]:
    """The next `limit` leads.

    Ties are broken by id, ascending in a descending order and the reverse in an ascending one, which is the same index
    read backwards. Filters on fields that the index does not begin with are checked lead by lead.
    """
    if wanted.owners is not None and order.field == "score":
        return await _find_page_of_owners(leads, wanted, order, limit, projection)
    equal = _equal(wanted, order.field)
    prefix: Bounds = [(equal, getattr(wanted, equal))] if equal else []
    start: Bounds = [*prefix, (order.field, MaxKey()), ("_id", MinKey())]
    end: Bounds = [*prefix, (order.field, _lower_bound(wanted, order.field)), ("_id", MaxKey())]
    query = _query(wanted)
    if order.after is not None:
        place: Bounds = [
            *prefix,
            (order.field, _stored(order.after[0], order.field)),
            ("_id", order.after[1]),
        ]
        start, end = (place, end) if order.descending else (start, place)
        query["_id"] = {"$ne": order.after[1]}  # an index range includes its first key
    keys = [*((name, 1) for name, _ in prefix), (order.field, -1), ("_id", 1)]
    direction = 1 if order.descending else -1
    cursor = leads.find(query, projection).hint(keys).min(start).max(end)
    return await cursor.sort([(name, way * direction) for name, way in keys]).limit(limit).to_list()


async def _find_page_of_owners(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, limit: int, projection: Document
) -> list[Document]:
    """The next leads by score of some owners: MongoDB merges one range of the index per owner (explode for sort)."""
    query, way = _query(wanted), -1 if order.descending else 1
    if order.after is not None:
        score, lead_id = order.after
        beyond, within, id_beyond = ("$lt", "$lte", "$gt") if order.descending else ("$gt", "$gte", "$lt")
        query["score"] = {
            **query.get("score", {}),
            within: max(score, wanted.min_score or score) if way > 0 else score,
        }
        query["$or"] = [{"score": {beyond: score}}, {"_id": {id_beyond: lead_id}}]
    first = [("ownerId", 1)] if wanted.stage is None else [("ownerId", 1), ("stage", 1)]
    cursor = leads.find(query, projection).hint([*first, ("score", -1), ("_id", 1)])
    return await cursor.sort([("score", way), ("_id", -way)]).limit(limit).to_list()


def _equal(wanted: LeadFilter, field: str) -> str | None:
    """The field of the filter that an index begins with, if there is one."""
    if field != "score":
        return None
    return next((name for name in ("stage", "risk", "outcome") if getattr(wanted, name) is not None), None)


def _lower_bound(wanted: LeadFilter, field: str) -> object:
    return MinKey() if field != "score" or wanted.min_score is None else wanted.min_score


def _query(wanted: LeadFilter) -> Document:
    query: Document = {}
    if wanted.stage is not None:
        query["stage"] = wanted.stage
    if wanted.risk is not None:
        query["risk"] = wanted.risk
    if wanted.outcome is not None:
        query["outcome"] = wanted.outcome
    if wanted.owners is not None:
        query["ownerId"] = {"$in": list(wanted.owners)}
    if wanted.min_score is not None:
        query["score"] = {"$gte": wanted.min_score}
    return query


def _stored(value: float | Millis, field: str) -> object:
    return to_bson(int(value)) if field == "lastActivityAt" else value

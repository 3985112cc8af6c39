"""Where a page of leads lies: a stretch of one index, so that the thousandth page costs what the first one does."""

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
    """Which leads; None stands for all."""

    stage: str | None = None
    risk: str | None = None
    min_score: float | None = None


class LeadOrder(NamedTuple):
    """In which order, and after which lead: its sort value and id."""

    field: str
    descending: bool
    after: tuple[float | Millis, str] | None = None


async def find_page(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, limit: int, projection: Document
) -> list[Document]:
    """The next `limit` leads.

    Leads of equal value come by id, upwards in a falling order and downwards in a rising one, which is the same index
    read backwards. Filters that the index does not begin with are tested lead by lead.
    """
    equal = _equal(wanted, order.field)
    prefix: Bounds = [(equal, getattr(wanted, equal))] if equal else []
    start: Bounds = [*prefix, (order.field, MaxKey()), ("_id", MinKey())]
    end: Bounds = [*prefix, (order.field, _least(wanted, order.field)), ("_id", MaxKey())]
    query = _query(wanted)
    if order.after is not None:
        place: Bounds = [
            *prefix,
            (order.field, _stored(order.after[0], order.field)),
            ("_id", order.after[1]),
        ]
        start, end = (place, end) if order.descending else (start, place)
        query["_id"] = {"$ne": order.after[1]}  # an index stretch holds its first key
    keys = [*((name, 1) for name, _ in prefix), (order.field, -1), ("_id", 1)]
    direction = 1 if order.descending else -1
    cursor = leads.find(query, projection).hint(keys).min(start).max(end)
    return await cursor.sort([(name, way * direction) for name, way in keys]).limit(limit).to_list()


def _equal(wanted: LeadFilter, field: str) -> str | None:
    """The filter that an index begins with."""
    if field != "score":
        return None
    return "stage" if wanted.stage is not None else "risk" if wanted.risk is not None else None


def _least(wanted: LeadFilter, field: str) -> object:
    return MinKey() if field != "score" or wanted.min_score is None else wanted.min_score


def _query(wanted: LeadFilter) -> Document:
    query: Document = {}
    if wanted.stage is not None:
        query["stage"] = wanted.stage
    if wanted.risk is not None:
        query["risk"] = wanted.risk
    if wanted.min_score is not None:
        query["score"] = {"$gte": wanted.min_score}
    return query


def _stored(value: float | Millis, field: str) -> object:
    return to_bson(int(value)) if field == "lastActivityAt" else value

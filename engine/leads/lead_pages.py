"""Keyset pagination of leads: each page is one range of one index, so page 1,000 costs what page 1 does.

An index serves one filter and one order. Further filters are checked lead by lead, for at most 1,000 of them: a page may
then be short, or empty, and says where the list goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.asynchronous.cursor import AsyncCursor

from domain.decisions.outcome import OPEN
from domain.instant import Millis
from domain.outreach.lead_status import NEW
from engine.process.clock import to_bson
from engine.store.mongo import Collection, Document

__all__ = ["MAX_SCANNED", "OF_ACCOUNT", "TAGGED", "WITH_STATUS", "LeadFilter", "LeadOrder", "find_page"]

Bounds = list[tuple[str, Any]]

TAGGED: Document = {"tags.0": {"$exists": True}}
"""The leads in the index of tags. Most leads have none, and cost the fold no key of it."""

WITH_STATUS: Document = {"status": {"$exists": True}}
"""The leads in the index of statuses: those that are no longer new."""

OF_ACCOUNT: Bounds = [("account", 1), ("score", -1), ("_id", 1), ("outcome", 1), ("ownerId", 1)]
"""Of leads that belong to an account only, the strongest first; filters by outcome and owner read the index alone."""

MAX_SCANNED = 1000
"""Leads that one page reads at most to find those that pass the filters which no index serves."""


class LeadFilter(NamedTuple):
    """A filter of leads; None means no condition."""

    stage: str | None = None
    risk: str | None = None
    min_score: float | None = None
    outcome: str | None = None
    owners: tuple[str | None, ...] | None = None
    """Only leads of these owners; None among them stands for unassigned leads."""
    tag: str | None = None
    status: str | None = None
    accounts: tuple[str, ...] | None = None
    """Only leads of these accounts, as the leads themselves say them."""


class LeadOrder(NamedTuple):
    """The order of a list, and the keyset after which a page begins: sort value and id of a lead."""

    field: str
    descending: bool
    after: tuple[float | Millis, str] | None = None


async def find_page(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, limit: int, projection: Document
) -> tuple[list[Document], Document | None]:
    """The next `limit` leads, and the last lead that was read if there may be more behind it.

    Ties are broken by id, ascending in a descending order and the reverse in an ascending one, which is the same index
    read backwards.
    """
    some = (wanted.accounts, wanted.owners, wanted.tag)
    by_values = order.field == "score" and any(one is not None for one in some)
    served, cursor = (_of_values if by_values else _of_one_range)(leads, wanted, order, projection)
    further = {name: value for name, value in _conditions(wanted).items() if name not in served}
    if not further:
        return await cursor.limit(limit).to_list(), None
    found: list[Document] = []
    scanned, last = 0, None
    async for lead in cursor.limit(MAX_SCANNED):
        scanned, last = scanned + 1, lead
        if all(passes(lead) for passes in further.values()):
            found.append(lead)
            if len(found) == limit:
                return found, None
    return found, last if scanned == MAX_SCANNED else None


def _of_one_range(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, projection: Document
) -> tuple[set[str], AsyncCursor[Document]]:
    """The filters that one range of an index serves, and a cursor over it."""
    equal = _equal(wanted, order.field)
    prefix: Bounds = [equal] if equal else []
    start: Bounds = [*prefix, (order.field, MaxKey()), ("_id", MinKey())]
    end: Bounds = [*prefix, (order.field, _lower_bound(wanted, order.field)), ("_id", MaxKey())]
    query: Document = dict(WITH_STATUS) if equal and equal[0] == "status" else {}
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
    served = {name for name, _ in prefix} | ({"min_score"} if order.field == "score" else set())
    return served, cursor.sort([(name, way * direction) for name, way in keys])


def _of_values(
    leads: Collection, wanted: LeadFilter, order: LeadOrder, projection: Document
) -> tuple[set[str], AsyncCursor[Document]]:
    """The same for leads of an account, of a tag or of some owners, by score.

    MongoDB merges one range of the index per owner, or part of an account (explode for sort). A lead has several keys in the index of tags, which
    therefore cannot be read between two keys as the others are.
    """
    way = -1 if order.descending else 1
    if wanted.accounts is not None:
        served, keys, query = _by_accounts(wanted)
    else:
        served, first, query = _by_tag(wanted) if _is_fewer_by_tag(wanted) else _by_owners(wanted)
        keys = [*((name, 1) for name in first), ("score", -1), ("_id", 1)]
    if wanted.min_score is not None:
        query["score"] = {"$gte": wanted.min_score}
    if order.after is not None:
        score, lead_id = order.after
        beyond, within, id_beyond = ("$lt", "$lte", "$gt") if order.descending else ("$gt", "$gte", "$lt")
        query["score"] = {
            **query.get("score", {}),
            within: max(score, wanted.min_score or score) if way > 0 else score,
        }
        query["$or"] = [{"score": {beyond: score}}, {"_id": {id_beyond: lead_id}}]
    return {*served, "min_score"}, leads.find(query, projection).hint(keys).sort(
        [("score", way), ("_id", -way)]
    )


def _by_accounts(wanted: LeadFilter) -> tuple[set[str], Bounds, Document]:
    """The filters that the index of accounts serves, its fields, and the query: the leads of one company are few."""
    query: Document = {"account": {"$in": list(wanted.accounts or ())}}
    if wanted.owners is not None:
        query["ownerId"] = {"$in": list(wanted.owners)}
    return {"accounts", "owners"}, OF_ACCOUNT, query


def _is_fewer_by_tag(wanted: LeadFilter) -> bool:
    """Whether the index of tags is read rather than that of owners: unassigned leads are most of many stores."""
    return wanted.tag is not None and (wanted.owners is None or None in wanted.owners)


def _by_tag(wanted: LeadFilter) -> tuple[set[str], list[str], Document]:
    """The filters that the index of tags serves, its first fields, and the query."""
    return {"tag"}, ["tags"], {**TAGGED, "tags": {"$eq": wanted.tag}}


def _by_owners(wanted: LeadFilter) -> tuple[set[str], list[str], Document]:
    """The same for the indexes of owners, with or without a stage."""
    query: Document = {"ownerId": {"$in": list(wanted.owners or ())}}
    if wanted.stage is None:
        return {"owners"}, ["ownerId"], query
    return {"owners", "stage"}, ["ownerId", "stage"], {**query, "stage": wanted.stage}


def _conditions(wanted: LeadFilter) -> dict[str, Callable[[Document], bool]]:
    """A test per filter that is set, for leads that no index has filtered."""
    conditions: dict[str, Callable[[Document], bool]] = {}
    for name in ("stage", "risk", "outcome"):
        if (value := getattr(wanted, name)) is not None:
            conditions[name] = partial(_equals, name, value)
    if (status := wanted.status) is not None:
        conditions["status"] = _is_new if status == NEW else partial(_equals, "status", status)
    if (owners := wanted.owners) is not None:
        conditions["owners"] = lambda lead: lead.get("ownerId") in owners
    if (tag := wanted.tag) is not None:
        conditions["tag"] = lambda lead: tag in lead["tags"]
    if (accounts := wanted.accounts) is not None:
        conditions["accounts"] = lambda lead: lead.get("account") in accounts
    if (least := wanted.min_score) is not None:
        conditions["min_score"] = lambda lead: lead["score"] >= least
    return conditions


def _equals(name: str, value: str, lead: Document) -> bool:
    return bool(lead.get(name) == value)


def _is_new(lead: Document) -> bool:
    """Whether the lead has no status yet; one that an earlier release closed has none in its document either."""
    return lead.get("status") is None and lead.get("outcome", OPEN) == OPEN


def _equal(wanted: LeadFilter, field: str) -> tuple[str, str] | None:
    """The field that an index begins with and the value in it, if there is one. New leads are among the open ones."""
    if field != "score":
        return None
    if wanted.status not in (None, NEW):
        return "status", wanted.status
    for name in ("stage", "risk", "outcome"):
        if (value := getattr(wanted, name)) is not None:
            return name, value
    return None if wanted.status is None else ("outcome", OPEN)


def _lower_bound(wanted: LeadFilter, field: str) -> object:
    return MinKey() if field != "score" or wanted.min_score is None else wanted.min_score


def _stored(value: float | Millis, field: str) -> object:
    return to_bson(int(value)) if field == "lastActivityAt" else value

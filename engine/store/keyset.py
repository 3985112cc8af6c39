"""Keyset pagination: the clause that goes on behind the last row of a page, so page 1,000 costs what page 1 does."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events.log_cursor import Stretch
from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store.mongo import Document

__all__ = ["Keyset", "after", "in_any_of", "within"]

Keyset = tuple[Millis, str]
"""The place of a row in its list: the time that the list is sorted by, and the `_id` that breaks ties."""


def after(field: str, cursor: Keyset | None, *, descending: bool = True) -> Document:
    """The clause for the rows behind `cursor` in a list sorted by the date in `field`, then upwards by `_id`.

    Merge it into a query that has no `$or` of its own. Without a cursor it is empty: the list begins.
    """
    if cursor is None:
        return {}
    at, identity = to_bson(cursor[0]), cursor[1]
    beyond = {"$lt" if descending else "$gt": at}
    return {"$or": [{field: beyond}, {field: at, "_id": {"$gt": identity}}]}


def within(*, since: int | None = None, up_to: int | None = None, before: int | None = None) -> Document:
    """The clause for documents whose `_id` is a position from `since` to `up_to` and `before` another; None: no bound."""
    bounds = {"$gte": since, "$lte": up_to, "$lt": before}
    given = {operator: position for operator, position in bounds.items() if position is not None}
    return {"_id": given} if given else {}


def in_any_of(stretches: Sequence[Stretch]) -> Document:
    """The clause for documents whose `_id` is a position in one of these stretches of the log; of none it matches nothing."""
    bounds: list[Document] = [
        {"$gt": one.after} | ({} if one.up_to is None else {"$lte": one.up_to}) for one in stretches
    ]
    if len(bounds) == 1:
        return {"_id": bounds[0]}
    if not bounds:
        return {"_id": {"$in": []}}
    return {"$and": [{"$or": [{"_id": one} for one in bounds]}]}

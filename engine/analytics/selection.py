"""The selection of message results: a period, what they are of, whose leads they are about, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.analytics.counts import GROUPINGS, Grouping, Measure
from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store.mongo import Document

__all__ = ["Selection", "condition_of", "query_of"]

_FATES: dict[Measure, str] = {
    "sent": "sent",
    "leads": "sent",
    "withheld": "withheld",
    "failed": "failed",
    "unknown": "unknown",
}
_MOMENTS: dict[Measure, str] = {
    "delivered": "deliveredAt",
    "opened": "openedAt",
    "clicked": "clickedAt",
    "replied": "repliedAt",
    "meetings": "meetingAt",
    "optOuts": "optedOutAt",
    "complaints": "complainedAt",
    "bounces": "bouncedAt",
}


class Selection(Struct, frozen=True, kw_only=True):
    """Messages whose moment is from `since` to before `until`. None means no condition.

    `owners` are those of the leads, with None for unassigned ones. A conversion counts up to `window` milliseconds after
    the message.
    """

    since: Millis
    until: Millis
    window: Millis
    sequence: str | None = None
    version: int | None = None
    step: str | None = None
    variant: str | None = None
    channel: str | None = None
    campaign: str | None = None
    owners: Sequence[str | None] | None = None


def query_of(wanted: Selection, by: Grouping | None = None) -> Document:
    """The query for the selected results; with `by` only those that are in one of its rows."""
    query: Document = {"at": {"$gte": to_bson(wanted.since), "$lt": to_bson(wanted.until)}}
    for name in GROUPINGS[by] if by else ():
        query[name] = {"$exists": True}
    for name in ("sequence", "version", "step", "variant", "channel", "campaign"):
        if (value := getattr(wanted, name)) is not None:
            query[name] = {"$eq": value}
    if wanted.owners is not None:
        query["ownerId"] = {"$in": list(wanted.owners)}
    return query


def condition_of(measure: Measure, window: Millis) -> Document:
    """The expression that says whether a result counts for the measure."""
    if measure == "messages":
        return {"$literal": True}
    if measure == "conversions":
        return {"$and": [_is_there("$wonAt"), {"$lte": [{"$subtract": ["$wonAt", "$sentAt"]}, window]}]}
    if measure in _FATES:
        return {"$eq": ["$fate", _FATES[measure]]}
    return _is_there(f"${_MOMENTS[measure]}")


def _is_there(field: str) -> Document:
    return {"$gt": [field, None]}

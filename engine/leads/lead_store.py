"""The store of lead states, with a compare-and-set on the applied positions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from domain.decisions.outcome import OPEN, OutcomeName
from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.instant import Millis
from domain.leads.state import LeadState
from engine.identity.stream_store import StreamStore
from engine.leads.lead_document import (
    LEADS,
    Shown,
    StateWrite,
    StoredLead,
    applied_fields,
    applied_in,
    shown_fields,
    stale_under,
    state_of,
    stored_lead,
    to_document,
)
from engine.process.clock import to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import DUPLICATE_KEY, Database, Document, Session, without_codec
from engine.store.prefetch import prefetch

__all__ = ["LeadStore", "StateConflict"]

_BATCH = 500
"""Leads that a pass over all of them reads in one query, and most that a shared query is for."""
_POLL_SECONDS = 0.01
_QUERY_SECONDS = 10
"""Longest that a shared query may take, elections included; callers that arrive meanwhile wait for it and the next one."""
_POSITIONS_ONLY = {"position": 1, "elsewhere": 1}
_STATE_ONLY = {"state": 1, **_POSITIONS_ONLY}
_ENCODED = {**_STATE_ONLY, "foldedUnder": 1, "score": 1}
_OUTDATED = {"rulebook": "", "foldedUnder": "", "state": ""}


class StateConflict(ConcurrencyConflict):
    """Another worker has moved one of these leads on since they were read."""


class LeadStore:
    """Reads and writes lead states, with a compare-and-set on the applied positions."""

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)
        self._states = without_codec(self._leads)  # for states and positions
        self._streams = StreamStore(database)
        self._state_loader = BatchLoader(self._load_documents, max_keys=_BATCH)
        self._position_loader = BatchLoader(
            self._load_positions, max_keys=_BATCH, min_interval_seconds=_POLL_SECONDS
        )

    async def get(self, lead_id: str) -> LeadState | None:
        """The lead, or None if nothing has been applied to it yet. Raises `UnreadableLead`.

        Concurrent callers share one query: a query per caller would cost more than the rest of the request.
        """
        doc = (await self._state_loader.load([lead_id])).get(lead_id)
        return state_of(doc) if doc else None

    async def get_many(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, LeadState]:
        """Those of the leads that exist. Raises `UnreadableLead`."""
        return {lead_id: state_of(doc) for lead_id, doc in (await self.documents(lead_ids, session)).items()}

    async def documents(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, Document]:
        """The documents of the leads that exist, with nothing but state and positions."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _STATE_ONLY, session=session)
        return {doc["_id"]: doc for doc in await cursor.to_list()}

    async def get_encoded(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, StoredLead]:
        """Those of the leads that exist, whether or not their states can be read."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _ENCODED, session=session)
        return {doc["_id"]: stored_lead(doc) for doc in await cursor.to_list()}

    async def ids_after(self, lead_id: str, limit: int) -> list[str]:
        """The next ids of leads in their order, from the index alone; empty if there are none after this one."""
        cursor = self._states.find({"_id": {"$gt": lead_id}}, {"_id": 1}).sort("_id", 1).limit(limit)
        return [doc["_id"] for doc in await cursor.to_list()]

    async def positions(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, AppliedPositions]:
        """The applied positions of each lead that exists."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _POSITIONS_ONLY, session=session)
        return {doc["_id"]: applied_in(doc) for doc in await cursor.to_list()}

    async def keeps_owner(self, lead_id: str, owner_id: str | None, session: Session) -> bool:
        """Whether the stored lead has this owner, and its streams are those that it was folded from."""
        query = {"_id": lead_id, "ownerId": owner_id, "foldedUnder": {"$ne": ""}}
        return await self._states.find_one(query, {"_id": 1}, session=session) is not None

    async def shown(self, lead_ids: Iterable[str]) -> dict[str, tuple[str, float, OutcomeName]]:
        """The stage, the score and the outcome that lists show of each lead that exists."""
        cursor = self._leads.find({"_id": {"$in": list(lead_ids)}}, {"stage": 1, "score": 1, "outcome": 1})
        return {doc["_id"]: (doc["stage"], doc["score"], doc.get("outcome", OPEN)) async for doc in cursor}

    async def accounts(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, str]:
        """The id of the account of each lead that belongs to one."""
        query = {"_id": {"$in": list(lead_ids)}, "account": {"$exists": True}}
        cursor = self._leads.find(query, {"account": 1}, session=session)
        return {doc["_id"]: doc["account"] for doc in await cursor.to_list()}

    async def owners(self, lead_ids: Iterable[str]) -> dict[str, str | None]:
        """The owner of each lead that exists, None for an unassigned one. Ids of merged streams have that of their lead."""
        if not (wanted := list(lead_ids)):
            return {}
        found = await self._owners(wanted)
        if merged := {one for one in wanted if one not in found}:
            lead_of = (await self._streams.membership(merged)).lead_of
            others = await self._owners([lead_of[one] for one in merged if one in lead_of])
            found |= {one: others[lead_of[one]] for one in merged if lead_of.get(one) in others}
        return found

    async def _owners(self, lead_ids: Sequence[str]) -> dict[str, str | None]:
        cursor = self._states.find({"_id": {"$in": lead_ids}}, {"ownerId": 1})
        return {doc["_id"]: doc.get("ownerId") for doc in await cursor.to_list()}

    async def applied(self, lead_id: str) -> AppliedPositions:
        """The applied positions of a lead, none if it is not stored.

        For pollers: all concurrent callers share one query, at most every 10 ms.
        """
        return (await self._position_loader.load([lead_id])).get(lead_id, NOTHING_APPLIED)

    async def _load_documents(self, lead_ids: set[str]) -> dict[str, Document]:
        with pymongo.timeout(_QUERY_SECONDS):
            return await self.documents(lead_ids)

    async def _load_positions(self, lead_ids: set[str]) -> dict[str, AppliedPositions]:
        with pymongo.timeout(_QUERY_SECONDS):
            return await self.positions(lead_ids)

    async def write(self, changes: Sequence[StateWrite], session: Session) -> None:
        """Store new states. Raises `StateConflict` if any lead is no longer at the positions that it was read at.

        A changed lead is deleted and inserted, which cost MongoDB 6.0 half of what replacing it does (ADR 20; not
        measured on 8). No reader sees it missing, because both happen in one transaction.
        """
        if not changes:
            return
        before = {one.state.lead_id: one.read_at for one in changes if one.read_at is not None}
        if before:
            found = await self._leads.delete_many(_unmoved(before), session=session)
            if found.deleted_count < len(before):
                raise StateConflict("A lead has been moved on by another worker.")
        try:
            await self._leads.insert_many([to_document(one) for one in changes], session=session)
        except BulkWriteError as error:
            if any(fault.get("code") == DUPLICATE_KEY for fault in error.details.get("writeErrors", ())):
                raise StateConflict("A lead was created by another worker.") from error
            raise

    async def invalidate(self, lead_id: str, position: int, session: Session) -> None:
        """If the lead has applied this position, drop its state, so that it is rebuilt from its events."""
        applied = (await self.positions([lead_id], session)).get(lead_id, NOTHING_APPLIED)
        if applied.includes(position):
            await self._leads.update_one({"_id": lead_id}, {"$set": _OUTDATED}, session=session)

    async def remove(self, lead_id: str, session: Session) -> None:
        """Remove the lead, since its streams are part of another one."""
        await self._leads.delete_one({"_id": lead_id}, session=session)

    async def restart(self, empty: StateWrite, applied: AppliedPositions, session: Session) -> None:
        """Note that a lead has applied these positions and has to be folded again; one that is not there is made `empty`."""
        outdated = {**applied_fields(applied), **_OUTDATED}
        lead_id = empty.state.lead_id
        change: Document = {"$set": outdated}
        if not applied.elsewhere:
            change["$unset"] = {"elsewhere": ""}
        found = await self._leads.update_one({"_id": lead_id}, change, session=session)
        if not found.matched_count:
            await self._leads.insert_one({**to_document(empty), **outdated}, session=session)

    async def refresh(self, shown: Mapping[str, tuple[AppliedPositions, Shown]]) -> None:
        """Replace what lists show of leads that are still at these positions."""
        changes = [
            UpdateOne({"_id": lead_id, **applied_fields(applied)}, {"$set": shown_fields(one)})
            for lead_id, (applied, one) in shown.items()
        ]
        if changes:
            await self._leads.bulk_write(changes, ordered=False)

    async def postpone(self, lead_ids: Sequence[str], until: Millis) -> None:
        """Look at these leads again no sooner."""
        if lead_ids:
            await self._leads.update_many(
                {"_id": {"$in": list(lead_ids)}}, {"$set": {"dueAt": to_bson(until)}}
            )

    async def due(self, at: Millis, limit: int) -> list[StoredLead]:
        """Leads that time may have changed by `at`, those that have waited longest first."""
        query = {"dueAt": {"$lte": to_bson(at)}}
        cursor = self._states.find(query, _ENCODED).sort("dueAt", 1).limit(limit)
        return [stored_lead(doc) for doc in await cursor.to_list()]

    async def scan(self, after: str = "", *, at_a_time: int) -> AsyncIterator[list[StoredLead]]:
        """All leads in the order of their ids, those too whose states cannot be read.

        They come in lists of `at_a_time`, so that a caller can yield to other tasks in between.
        """
        cursor = self._states.find({"_id": {"$gt": after}}, _ENCODED, batch_size=_BATCH).sort("_id", 1)
        async for docs in prefetch(lambda: cursor.to_list(_BATCH)):
            for start in range(0, len(docs), at_a_time):
                yield [stored_lead(doc) for doc in docs[start : start + at_a_time]]

    async def stale_under(self, label: str, limit: int) -> list[str]:
        """Some leads that were last folded under another rulebook than this one, or by another version of the fold."""
        cursor = self._leads.find(stale_under(label), {"_id": 1}).limit(limit)
        return [doc["_id"] async for doc in cursor]

    async def count_stale_under(self, label: str, *, up_to: int | None = None) -> int:
        """How many leads `stale_under` is about; counting stops at `up_to`."""
        bound: dict[str, Any] = {} if up_to is None else {"limit": up_to}
        return await self._leads.count_documents(stale_under(label), **bound)


def _unmoved(before: Mapping[str, AppliedPositions]) -> Document:
    """Leads that are at these positions still.

    A position is that of one event of one lead, so one list of them matches each lead at its own only. Leads with positions
    in several partitions are compared in all of them.
    """
    alone = {lead_id: applied for lead_id, applied in before.items() if not applied.elsewhere}
    query: Document = {
        "_id": {"$in": list(alone)},
        "position": {"$in": [one.last for one in alone.values()]},
        "elsewhere": None,
    }
    if len(alone) == len(before):
        return query
    others = before.keys() - alone.keys()
    return {"$or": [query, *({"_id": one, **applied_fields(before[one])} for one in others)]}

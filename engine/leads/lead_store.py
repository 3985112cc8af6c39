"""The store of folded leads: one JSON state per lead, and beside it the fields that lists filter and sort by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pymongo
from msgspec.structs import force_setattr, replace
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OPEN
from domain.errors import LeadEngineError
from domain.instant import Millis
from domain.leads.state import FOLD_VERSION, LeadState
from engine.identity.stream_store import StreamStore
from engine.leads.lead_pages import TAGGED, LeadFilter, LeadOrder, find_page
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import DUPLICATE_KEY, Database, Document, Session, without_codec
from engine.store.prefetch import prefetch

__all__ = [
    "LEADS",
    "LeadPage",
    "LeadStore",
    "LeadSummary",
    "Shown",
    "StateConflict",
    "StateWrite",
    "StoredLead",
    "UnreadableLead",
]

_WAITING = [("waitingSince", ASCENDING), ("ownerId", ASCENDING)]
"""Of leads that wait for an answer only, which are few."""

LEADS = CollectionSpec(
    "leads",
    (
        *(
            IndexModel([(field, DESCENDING), ("_id", ASCENDING)])
            for field in ("score", "lastActivityAt", "velocity")
        ),
        IndexModel([("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("risk", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("outcome", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("tags", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)],
            partialFilterExpression=TAGGED,
        ),
        IndexModel([("ownerId", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("ownerId", ASCENDING), ("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("foldedUnder", ASCENDING)]),
        IndexModel([("dueAt", ASCENDING)]),
        IndexModel(_WAITING, partialFilterExpression={"waitingSince": {"$exists": True}}),
    ),
    superseded_indexes=("rulebook_1",),
)


class StateConflict(ConcurrencyConflict):
    """Another worker has moved one of these leads on since they were read."""


class UnreadableLead(LeadEngineError):
    """The stored state of a lead cannot be decoded by this program; it can be rebuilt from the lead's events."""

    def __init__(self, lead_id: str, reason: str) -> None:
        super().__init__(f"The stored state of lead {lead_id} cannot be read: {reason}")
        self.lead_id = lead_id


class LeadSummary(msgspec.Struct, frozen=True, rename="camel"):
    """A lead in a list, as it was at `scored_at`: when it was written last, or looked at because time had changed it."""

    lead_id: str
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    outcome: str
    scored_at: int
    last_activity_at: int | None
    tags: tuple[str, ...]
    owner_id: str | None
    rulebook: str


class LeadPage(NamedTuple):
    """Leads of a list, and the last one that was read if the list goes on behind it though the page is short."""

    leads: list[LeadSummary]
    resume: LeadSummary | None


class StoredLead(NamedTuple):
    """A lead as it is stored, its state not decoded yet: to compare texts takes a fifth of the time of decoding one."""

    lead_id: str
    position: int
    folded_under: str
    text: object
    """The encoded state; whatever else may stand there."""
    shown_score: float = 0.0
    """The score that lists show."""

    def is_current(self, label: str) -> bool:
        """Whether this program has folded it under the rulebook of this label."""
        return self.folded_under == _folded_under(label, FOLD_VERSION)

    def holds(self, state: LeadState) -> bool:
        """Whether this is the state, bit for bit. One that cannot be read is not."""
        if (self.position, self.text) == (state.position, _text(state)):
            return True
        try:
            return self.decode() == state  # what an earlier release wrote need not be the same text
        except UnreadableLead:
            return False

    def decode(self) -> LeadState:
        """The state. Raises `UnreadableLead`."""
        return _state({"_id": self.lead_id, "state": self.text, "position": self.position})


class Shown(NamedTuple):
    """What lists show of a lead, and when time may change it: look at it again at `due_at`, None for never."""

    assessment: Assessment
    due_at: Millis | None


class StateWrite(NamedTuple):
    """A lead's new state, the position it had when it was read, None if it was not there, and what lists show of it."""

    state: LeadState
    read_at: int | None
    shown: Shown


class LeadStore:
    """Reads and writes lead states, with a compare-and-set on the applied position."""

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
        return _state(doc) if doc else None

    async def summary(self, lead_id: str) -> LeadSummary | None:
        """The lead as lists show it, or None."""
        doc = await self._leads.find_one({"_id": lead_id}, _NO_STATE)
        return _summary(doc) if doc else None

    async def summaries(self, lead_ids: Collection[str]) -> dict[str, LeadSummary]:
        """These leads as lists show them, by id, without those that there are not."""
        cursor = self._leads.find({"_id": {"$in": list(lead_ids)}}, _NO_STATE)
        return {doc["_id"]: _summary(doc) async for doc in cursor}

    async def count_up_to(self, limit: int, owners: Collection[str | None] | None, **equal: str) -> int:
        """How many leads of these owners, or of all, have this value in a field that an index begins with; at most `limit`."""
        query: Document = {name: {"$eq": value} for name, value in equal.items()}
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
        return await self._leads.count_documents(query, limit=limit)

    async def count_tagged(
        self, tag: str, owners: Collection[str | None] | None, limit: int
    ) -> tuple[list[tuple[str, str, int]], bool]:
        """Leads with a tag by stage and outcome, of these owners or of all; and whether more than `limit` have the tag.

        The `limit` leads with the highest scores are counted.
        """
        of_owners = {"$in": [{"$ifNull": ["$ownerId", None]}, {"$literal": list(owners or ())}]}
        group = ["$stage", {"$ifNull": ["$outcome", OPEN]}, of_owners]
        found = await self._leads.aggregate(
            [
                {"$match": {**TAGGED, "tags": {"$eq": tag}}},
                {"$sort": {"score": -1}},
                {"$limit": limit + 1},
                {"$group": {"_id": group, "leads": {"$sum": 1}}},
            ]
        )
        groups = [(*one["_id"], one["leads"]) async for one in found]
        counts = [
            (stage, outcome, leads) for stage, outcome, counts, leads in groups if owners is None or counts
        ]
        read = sum(leads for *_, leads in groups)
        return counts, read > limit

    async def get_many(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, LeadState]:
        """Those of the leads that exist. Raises `UnreadableLead`."""
        return {lead_id: _state(doc) for lead_id, doc in (await self.documents(lead_ids, session)).items()}

    async def documents(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, Document]:
        """The documents of the leads that exist, with nothing but state and position."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _STATE_ONLY, session=session)
        return {doc["_id"]: doc for doc in await cursor.to_list()}

    async def get_encoded(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, StoredLead]:
        """Those of the leads that exist, whether or not their states can be read."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _ENCODED, session=session)
        return {doc["_id"]: _stored(doc) for doc in await cursor.to_list()}

    async def positions(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, int]:
        """The applied position of each lead that exists."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, {"position": 1}, session=session)
        return {doc["_id"]: int(doc["position"]) for doc in await cursor.to_list()}

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

    async def count_open(self, owner_id: str, limit: int, session: Session | None = None) -> int:
        """How many open leads the owner has; not more than `limit` are counted."""
        query = {"ownerId": {"$eq": owner_id}, "outcome": {"$in": [OPEN, None]}}
        return await self._leads.count_documents(query, limit=limit, session=session)

    async def applied(self, lead_id: str) -> int:
        """The applied position of a lead, 0 if it is not stored.

        For pollers: all concurrent callers share one query, at most every 10 ms.
        """
        return (await self._position_loader.load([lead_id])).get(lead_id, 0)

    async def _load_documents(self, lead_ids: set[str]) -> dict[str, Document]:
        with pymongo.timeout(_QUERY_SECONDS):
            return await self.documents(lead_ids)

    async def _load_positions(self, lead_ids: set[str]) -> dict[str, int]:
        with pymongo.timeout(_QUERY_SECONDS):
            return await self.positions(lead_ids)

    async def write(self, changes: Sequence[StateWrite], session: Session) -> None:
        """Store new states. Raises `StateConflict` if any lead is no longer at the position that it was read at.

        A changed lead is deleted and inserted, which cost MongoDB 6.0 half of what replacing it does (ADR 20; not
        measured on 8). No reader sees it missing, because both happen in one transaction.
        """
        if not changes:
            return
        before = {one.state.lead_id: one.read_at for one in changes if one.read_at is not None}
        if before:
            # A position is that of one event of one lead, so this matches each lead at its own position only.
            unmoved = {"_id": {"$in": list(before)}, "position": {"$in": list(before.values())}}
            if (await self._leads.delete_many(unmoved, session=session)).deleted_count < len(before):
                raise StateConflict("A lead has been moved on by another worker.")
        try:
            await self._leads.insert_many([_to_document(one) for one in changes], session=session)
        except BulkWriteError as error:
            if any(fault.get("code") == DUPLICATE_KEY for fault in error.details.get("writeErrors", ())):
                raise StateConflict("A lead was created by another worker.") from error
            raise

    async def invalidate(self, lead_id: str, position: int, session: Session) -> None:
        """If the lead has applied this position, drop its state, so that it is rebuilt from its events."""
        await self._leads.update_one(
            {"_id": lead_id, "position": {"$gte": position}},
            {"$set": {"rulebook": "", "foldedUnder": "", "state": ""}},
            session=session,
        )

    async def remove(self, lead_id: str, session: Session) -> None:
        """Remove the lead, since its streams are part of another one."""
        await self._leads.delete_one({"_id": lead_id}, session=session)

    async def restart(self, empty: StateWrite, position: int, session: Session) -> None:
        """Note that a lead has applied this position and has to be folded again; one that is not there is made `empty`."""
        outdated = {"position": position, "rulebook": "", "foldedUnder": "", "state": ""}
        lead_id = empty.state.lead_id
        found = await self._leads.update_one({"_id": lead_id}, {"$set": outdated}, session=session)
        if not found.matched_count:
            await self._leads.insert_one({**_to_document(empty), **outdated}, session=session)

    async def refresh(self, shown: Mapping[str, tuple[int, Shown]]) -> None:
        """Replace what lists show of leads that are still at these positions."""
        changes = [
            UpdateOne({"_id": lead_id, "position": position}, {"$set": _shown_fields(one)})
            for lead_id, (position, one) in shown.items()
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
        return [_stored(doc) for doc in await cursor.to_list()]

    async def scan(self, after: str = "", *, at_a_time: int) -> AsyncIterator[list[StoredLead]]:
        """All leads in the order of their ids, those too whose states cannot be read.

        They come in lists of `at_a_time`, so that a caller can yield to other tasks in between.
        """
        cursor = self._states.find({"_id": {"$gt": after}}, _ENCODED, batch_size=_BATCH).sort("_id", 1)
        async for docs in prefetch(lambda: cursor.to_list(_BATCH)):
            for start in range(0, len(docs), at_a_time):
                yield [_stored(doc) for doc in docs[start : start + at_a_time]]

    async def stale_under(self, label: str, limit: int) -> list[str]:
        """Some leads that were last folded under another rulebook than this one, or by another version of the fold."""
        cursor = self._leads.find(_stale_under(label), {"_id": 1}).limit(limit)
        return [doc["_id"] async for doc in cursor]

    async def count_stale_under(self, label: str, *, up_to: int | None = None) -> int:
        """How many leads `stale_under` is about; counting stops at `up_to`."""
        bound: dict[str, Any] = {} if up_to is None else {"limit": up_to}
        return await self._leads.count_documents(_stale_under(label), **bound)

    async def count(self) -> int:
        """About how many leads there are."""
        return await self._leads.estimated_document_count()

    async def waiting(self, owners: Collection[str | None] | None, limit: int) -> list[tuple[str, Millis]]:
        """Leads of these owners, or of all, that wait for an answer, and since when: the longest first."""
        query: Document = {"waitingSince": {"$exists": True}}
        if owners is not None:
            query["ownerId"] = {"$in": list(owners)}
        cursor = self._leads.find(query, {"waitingSince": 1}).hint(_WAITING).sort(_WAITING).limit(limit)
        return [(doc["_id"], from_bson(doc["waitingSince"])) async for doc in cursor]

    async def page(self, wanted: LeadFilter, order: LeadOrder, limit: int) -> LeadPage:
        """The next leads in an order; fewer than `limit` with a place to go on where many were read in vain."""
        found, last = await find_page(self._leads, wanted, order, limit, _NO_STATE)
        return LeadPage([_summary(doc) for doc in found], None if last is None else _summary(last))


_BATCH = 500
"""Leads that a pass over all of them reads in one query, and most that a shared query is for."""
_POLL_SECONDS = 0.01
_QUERY_SECONDS = 10
"""Longest that a shared query may take, elections included; callers that arrive meanwhile wait for it and the next one."""
_STATE_ONLY = {"state": 1, "position": 1}
_ENCODED = {"state": 1, "position": 1, "foldedUnder": 1, "score": 1}
_NO_STATE = {"state": 0}
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LeadState)


def _state(doc: Document) -> LeadState:
    try:
        state, position = _decoder.decode(doc["state"]), int(doc["position"])
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise UnreadableLead(doc["_id"], str(error)) from error
    # Nobody else holds it yet, so it may be changed in place: a copy would cost a tenth of the decoding.
    force_setattr(state, "lead_id", doc["_id"])
    force_setattr(state, "position", position)
    return state


def _stored(doc: Document) -> StoredLead:
    return StoredLead(
        doc["_id"], int(doc["position"]), doc.get("foldedUnder", ""), doc.get("state"), doc.get("score", 0.0)
    )


def _text(state: LeadState) -> str:
    """The state as one JSON text, without id and position, which are fields of the document.

    It is read and written whole, ten times as fast as a nested document.
    """
    return _encoder.encode(replace(state, lead_id="", position=0)).decode()


def _folded_under(label: str, fold_version: int) -> str:
    """The rulebook and the version of the fold in one text, which an index finds."""
    return f"{label} fold {fold_version}"


def _stale_under(label: str) -> Document:
    return {"foldedUnder": {"$ne": _folded_under(label, FOLD_VERSION)}}


def _to_document(change: StateWrite) -> Document:
    state = change.state
    return {
        "_id": state.lead_id,
        "position": state.position,
        **_shown_fields(change.shown),
        "lastActivityAt": to_bson(
            state.last_activity_at or 0
        ),  # a date for every lead: nothing is before or after null
        "tags": list(state.tags),
        "ownerId": state.owner_id,
        "rulebook": state.rulebook,
        "foldedUnder": _folded_under(state.rulebook, state.fold_version),
        "state": _text(state),
        **_waiting(change),
    }


def _waiting(change: StateWrite) -> Document:
    """Since when an open lead waits for an answer, if it does and may be contacted."""
    assessment = change.shown.assessment
    if not assessment.open_conversation or assessment.suppressed or assessment.outcome != OPEN:
        return {}
    return {"waitingSince": to_bson(change.state.contact.opened_at)}


def _shown_fields(shown: Shown) -> Document:
    assessment = shown.assessment
    return {
        "score": assessment.score,
        "stage": assessment.stage,
        "velocity": assessment.velocity,
        "risk": assessment.risk,
        "nextAction": assessment.next_action,
        "outcome": assessment.outcome,
        "scoredAt": to_bson(assessment.at),
        "dueAt": None if shown.due_at is None else to_bson(shown.due_at),
    }


def _summary(doc: Document) -> LeadSummary:
    last = from_bson(doc["lastActivityAt"])
    return LeadSummary(
        lead_id=doc["_id"],
        position=doc["position"],
        score=doc["score"],
        stage=doc["stage"],
        velocity=doc["velocity"],
        risk=doc["risk"],
        next_action=doc["nextAction"],
        outcome=doc.get("outcome", OPEN),  # a lead that no release since 0.2 has written
        scored_at=from_bson(doc["scoredAt"]),
        last_activity_at=last or None,
        tags=tuple(doc["tags"]),
        owner_id=doc.get("ownerId"),
        rulebook=doc["rulebook"],
    )

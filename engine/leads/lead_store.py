"""Leads as they stand: the folded state, and beside it the fields that lists filter and sort by."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
import pymongo
from msgspec.structs import force_setattr, replace
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.errors import LeadEngineError
from domain.leads.state import LeadState
from engine.leads.lead_pages import LeadFilter, LeadOrder, find_page
from engine.process.clock import from_bson, to_bson
from engine.store.batch_loader import BatchLoader
from engine.store.collection import CollectionSpec
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import DUPLICATE_KEY, Database, Document, Session, without_codec
from engine.store.prefetch import prefetch

__all__ = ["LEADS", "LeadStore", "LeadSummary", "StateConflict", "StateWrite", "UnreadableLead"]

LEADS = CollectionSpec(
    "leads",
    (
        *(
            IndexModel([(field, DESCENDING), ("_id", ASCENDING)])
            for field in ("score", "lastActivityAt", "velocity")
        ),
        IndexModel([("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("risk", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("rulebook", ASCENDING)]),
    ),
)

_log = logging.getLogger(__name__)


class StateConflict(ConcurrencyConflict):
    """Another worker has moved one of these leads on since they were read."""


class UnreadableLead(LeadEngineError):
    """What is stored of a lead is not a state that this program understands. Its events still are the truth."""

    def __init__(self, lead_id: str, reason: str) -> None:
        super().__init__(f"The stored state of lead {lead_id} cannot be read: {reason}")
        self.lead_id = lead_id


class LeadSummary(msgspec.Struct, frozen=True, rename="camel"):
    """A lead in a list: what its last event, or the last decay job, made of it at `scored_at`."""

    lead_id: str
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    scored_at: int
    last_activity_at: int | None
    tags: tuple[str, ...]
    rulebook: str


class StateWrite(NamedTuple):
    """A lead's new state and the position it had when it was read, None if it was not there."""

    state: LeadState
    read_at: int | None


class LeadStore:
    """Reads and writes lead states, guarded by the applied position."""

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)
        self._states = without_codec(self._leads)  # for states and positions
        self._reads = BatchLoader(_in_time(self._stored), most=_READ_AT_ONCE)
        self._looks = BatchLoader(
            _in_time(self.positions), most=_READ_AT_ONCE, apart_seconds=_LOOKS_APART_SECONDS
        )

    async def get(self, lead_id: str) -> LeadState | None:
        """The lead, or None if nothing has been applied to it yet. Raises `UnreadableLead`.

        Those who ask at the same time share one query: a query of its own costs more than all else about a lead.
        """
        doc = (await self._reads.load([lead_id])).get(lead_id)
        return _state(doc) if doc else None

    async def summary(self, lead_id: str) -> LeadSummary | None:
        """The lead as lists show it, or None."""
        doc = await self._leads.find_one({"_id": lead_id}, _NO_STATE)
        return _summary(doc) if doc else None

    async def get_many(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, LeadState]:
        """Those of the leads that exist. Raises `UnreadableLead`."""
        return {lead_id: _state(doc) for lead_id, doc in (await self._stored(lead_ids, session)).items()}

    async def _stored(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, Document]:
        """What is stored of the state of each lead that exists."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, _STATE_ONLY, session=session)
        return {doc["_id"]: doc for doc in await cursor.to_list()}

    async def positions(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, int]:
        """The applied position of each lead that exists."""
        cursor = self._states.find({"_id": {"$in": list(lead_ids)}}, {"position": 1}, session=session)
        return {doc["_id"]: int(doc["position"]) for doc in await cursor.to_list()}

    async def applied(self, lead_id: str) -> int:
        """The applied position of a lead, 0 if it is not there, as of a moment soon after the call.

        For those who ask over and over: however many do, one question every ten milliseconds is for all of them.
        """
        return (await self._looks.load([lead_id])).get(lead_id, 0)

    async def write(self, changes: Sequence[StateWrite], session: Session) -> None:
        """Store new states. Raises `StateConflict` if any lead no longer is at the position it was read at.

        A changed lead is removed and added, which costs MongoDB half of what replacing it does (ADR 20). Nobody sees it
        missing, for both happen in one transaction.
        """
        if not changes:
            return
        before = {state.lead_id: read_at for state, read_at in changes if read_at is not None}
        if before:
            # A position is that of one event of one lead, so that this finds each lead at its own position only.
            unmoved = {"_id": {"$in": list(before)}, "position": {"$in": list(before.values())}}
            if (await self._leads.delete_many(unmoved, session=session)).deleted_count < len(before):
                raise StateConflict("A lead has been moved on by another worker.")
        try:
            await self._leads.insert_many([_to_document(state) for state, _ in changes], session=session)
        except BulkWriteError as error:
            if any(fault.get("code") == DUPLICATE_KEY for fault in error.details.get("writeErrors", ())):
                raise StateConflict("A lead was created by another worker.") from error
            raise

    async def invalidate(self, lead_id: str, position: int, session: Session) -> None:
        """If the lead has applied this position, forget its state, so that it is folded anew from its events."""
        await self._leads.update_one(
            {"_id": lead_id, "position": {"$gte": position}},
            {"$set": {"rulebook": "", "state": ""}},
            session=session,
        )

    async def scan(self, after: str = "", *, at_a_time: int) -> AsyncIterator[list[LeadState]]:
        """All leads in the order of their ids, but for those that cannot be read.

        They are decoded in lists of `at_a_time`, each when it is asked for, so that a caller can let others have their turn.
        """
        cursor = self._states.find({"_id": {"$gt": after}}, _STATE_ONLY, batch_size=_READ_AT_ONCE).sort(
            "_id", 1
        )
        async for docs in prefetch(lambda: cursor.to_list(_READ_AT_ONCE)):
            for start in range(0, len(docs), at_a_time):
                yield [state for doc in docs[start : start + at_a_time] if (state := _readable(doc))]

    async def stale_under(self, label: str, limit: int) -> list[str]:
        """Some leads that were last folded under another rulebook than this one."""
        cursor = self._leads.find({"rulebook": {"$ne": label}}, {"_id": 1}).limit(limit)
        return [doc["_id"] async for doc in cursor]

    async def count_stale_under(self, label: str) -> int:
        """How many leads were last folded under another rulebook than this one."""
        return await self._leads.count_documents({"rulebook": {"$ne": label}})

    async def count(self) -> int:
        """About how many leads there are."""
        return await self._leads.estimated_document_count()

    async def page(self, wanted: LeadFilter, order: LeadOrder, limit: int) -> list[LeadSummary]:
        """The next leads in an order."""
        return [_summary(doc) for doc in await find_page(self._leads, wanted, order, limit, _NO_STATE)]


_READ_AT_ONCE = 500
"""Leads that a pass over all of them reads in one go, and the most that one question of many is for."""
_LOOKS_APART_SECONDS = 0.01
_ANSWER_SECONDS = 10
"""Longest that a question of many may take, elections and all. Who comes meanwhile waits for it and for the next one."""
_STATE_ONLY = {"state": 1, "position": 1}
_NO_STATE = {"state": 0}
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LeadState)


A = TypeVar("A")


def _in_time(ask: Callable[[set[str]], Awaitable[A]]) -> Callable[[set[str]], Awaitable[A]]:
    """The same question, given up in time: many wait for its answer, and more for that of the next one."""

    async def ask_in_time(lead_ids: set[str]) -> A:
        with pymongo.timeout(_ANSWER_SECONDS):
            return await ask(lead_ids)

    return ask_in_time


def _state(doc: Document) -> LeadState:
    try:
        state, position = _decoder.decode(doc["state"]), int(doc["position"])
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise UnreadableLead(doc["_id"], str(error)) from error
    # It is ours alone yet, so that it may be changed in place: a copy would cost a tenth of the decoding.
    force_setattr(state, "lead_id", doc["_id"])
    force_setattr(state, "position", position)
    return state


def _readable(doc: Document) -> LeadState | None:
    """The state, or None and a line in the log if it cannot be read."""
    try:
        return _state(doc)
    except UnreadableLead as error:
        _log.error("%s", error)
        return None


def _text(state: LeadState) -> str:
    """The state as one JSON text. It is read and written whole, ten times as fast as a document within the document.

    Id and position stand beside it.
    """
    return _encoder.encode(replace(state, lead_id="", position=0)).decode()


def _to_document(state: LeadState) -> Document:
    assessment, last = state.assessment, state.last_activity_at
    return {
        "_id": state.lead_id,
        "position": state.position,
        "score": assessment.score,
        "stage": assessment.stage,
        "velocity": assessment.velocity,
        "risk": assessment.risk,
        "nextAction": assessment.next_action,
        "scoredAt": to_bson(assessment.at),
        "lastActivityAt": to_bson(last or 0),  # a date for every lead: nothing is before or after null
        "tags": list(state.tags),
        "rulebook": state.rulebook,
        "state": _text(state),
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
        scored_at=from_bson(doc["scoredAt"]),
        last_activity_at=last or None,
        tags=tuple(doc["tags"]),
        rulebook=doc["rulebook"],
    )

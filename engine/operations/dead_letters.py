"""Dead letters: leads whose fold fails, kept with the reason until they fold or an operator decides."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from domain.errors import NotFound
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["DEAD_LETTERS", "DeadLetter", "DeadLetters", "LetterState"]

DEAD_LETTERS = CollectionSpec(
    "deadLetters",
    Distribution.BY_LEAD,
    (
        IndexModel([("lastAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("lastAt", DESCENDING), ("_id", ASCENDING)]),
    ),
    superseded_indexes=("state_1_lastAt_-1",),  # the second one above answers its queries (ADR 21)
)


LetterState = Literal["retrying", "quarantined"]


_EMPTY_SECONDS = 1.0
"""How long the absence of dead letters, the usual case, is cached."""


class DeadLetter(Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead whose fold fails at an event. `retrying` until its attempts are used up, then `quarantined`.

    Position 0 and an empty event id when the event is not known. 0 attempts when the lead is only a suspect.
    """

    lead_id: str
    position: int
    event_id: str
    reason: str
    attempts: int
    state: LetterState
    first_at: Millis
    last_at: Millis


class DeadLetters:
    """A state machine per lead: one letter per lead that fails, none for a lead that folds.

    state        transition        next state
    none         record_failure    retrying with 1 attempt; quarantined if only one attempt is allowed
    none         suspect           retrying with 0 attempts, marked suspect: the lead may have killed its worker
    any          suspect           unchanged, marked suspect
    retrying     record_failure    one attempt more; quarantined with the last one
    retrying     resolve           none: a worker folded an event of the lead
    retrying     clear_suspicion   none, if marked suspect and no event is known to fail: the lead folded in isolation
    retrying     drop_if_idle      none: the reconciler found that no event of the lead is left to fold
    any          release           retrying with 0 attempts: an operator fixed the cause, or discarded the event
    quarantined  resolve           none: a worker that had begun before the quarantine folded the lead

    Workers skip quarantined leads, so that otherwise only `release` ends a quarantine. `clear_suspicion` and
    `drop_if_idle` keep a quarantined lead, because they may be decided before it was quarantined. The suspect mark
    stays as long as the letter, so that a released lead that kills workers is folded in isolation again.
    """

    def __init__(self, database: Database, attempts: int) -> None:
        self._letters = DEAD_LETTERS.of(database)
        self._attempts = attempts
        self._empty_until = 0.0
        self._looked_at = 0.0

    async def states(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, str]:
        """The state of each of the leads that has a dead letter.

        Failures in other processes are seen within a second; until then such a lead may be tried once more.
        """
        if time.monotonic() < self._empty_until:
            return {}
        if session is not None and not await self._letters.find_one(
            {}, {"_id": 1}, sort=[("_id", 1)], session=session
        ):
            self._empty_until = time.monotonic() + _EMPTY_SECONDS
            return {}
        query = {"_id": {"$in": list(lead_ids)}}
        found = self._letters.find(query, {"state": 1}, session=session)
        states = {doc["_id"]: doc["state"] async for doc in found}
        if session is None and not states:
            await self._look_whether_empty()
        return states

    async def _look_whether_empty(self) -> None:
        """Look, at most once a second, whether there are no dead letters at all, as nearly always; then nobody asks for one."""
        now = time.monotonic()
        if now < self._looked_at + _EMPTY_SECONDS:
            return
        self._looked_at = now
        if await self._letters.find_one({}, {"_id": 1}, sort=[("_id", 1)]) is None:
            self._empty_until = now + _EMPTY_SECONDS

    async def record_failure(
        self, lead_id: str, position: int, event_id: str, reason: str, at: Millis
    ) -> DeadLetter:
        """Count a failed fold; the lead is quarantined when its attempts are used up."""
        counted = {"$add": [{"$ifNull": ["$attempts", 0]}, 1]}
        doc = await self._letters.find_one_and_update(
            {"_id": lead_id},
            [
                {
                    "$set": {
                        "position": position,
                        "eventId": {"$literal": event_id},
                        "reason": {"$literal": reason[:1000]},
                        "attempts": counted,
                        "state": {"$cond": [{"$gte": [counted, self._attempts]}, "quarantined", "retrying"]},
                        "firstAt": {"$ifNull": ["$firstAt", to_bson(at)]},
                        "lastAt": to_bson(at),
                    }
                }
            ],
            upsert=True,
            return_document=True,
        )
        assert doc is not None
        self._empty_until = 0.0
        return _letter(doc)

    async def suspect(self, lead_ids: Iterable[str], at: Millis) -> None:
        """Mark leads that were in flight in a worker that died; which of them killed it is not known."""
        first = {
            "position": 0,
            "eventId": "",
            "reason": "A worker died while it folded this lead and others.",
            "attempts": 0,
            "state": "retrying",
            "firstAt": to_bson(at),
            "lastAt": to_bson(at),
        }
        changes = [
            UpdateOne({"_id": lead_id}, {"$setOnInsert": first, "$set": {"suspect": True}}, upsert=True)
            for lead_id in lead_ids
        ]
        if changes:
            await self._letters.bulk_write(changes, ordered=False)
            self._empty_until = 0.0

    async def suspects(self, lead_ids: Iterable[str]) -> set[str]:
        """Those of the leads that are suspected of killing their worker and not quarantined yet.

        A suspicion is seen within a second; until then such a lead may be folded with others once more.
        """
        if time.monotonic() < self._empty_until:
            return set()
        query = {"_id": {"$in": list(lead_ids)}, "suspect": True, "state": "retrying"}
        return {doc["_id"] async for doc in self._letters.find(query, {"_id": 1})}

    async def clear_suspicion(self, lead_id: str) -> None:
        """Delete the letter of a suspect that folded in isolation, unless an event failed or it is quarantined by now."""
        query = {"_id": lead_id, "suspect": True, "position": 0, "state": "retrying"}
        await self._letters.delete_one(query)

    async def resolve(self, lead_ids: Iterable[str]) -> None:
        """Delete the letters of leads that folded, in any state."""
        await self._letters.delete_many({"_id": {"$in": list(lead_ids)}})

    async def get(self, lead_id: str, session: Session | None = None) -> DeadLetter:
        """The dead letter of a lead. Raises `NotFound`."""
        letter = await self.of_lead(lead_id, session)
        if letter is None:
            raise NotFound("dead letter of lead", lead_id)
        return letter

    async def release(self, lead_id: str, session: Session) -> None:
        """Allow the lead to be folded again, with all its attempts."""
        await self._letters.update_one(
            {"_id": lead_id}, {"$set": {"state": "retrying", "attempts": 0}}, session=session
        )

    async def retrying(self, limit: int) -> list[DeadLetter]:
        """Leads that are to be folded again, the longest waiting first."""
        cursor = self._letters.find({"state": "retrying"}).sort("lastAt", 1).limit(limit)
        return [_letter(doc) async for doc in cursor]

    async def drop_if_idle(self, lead_ids: Iterable[str]) -> None:
        """Delete the letters of leads without events left to fold, unless they are quarantined by now."""
        await self._letters.delete_many({"_id": {"$in": list(lead_ids)}, "state": "retrying"})

    async def count(self, state: LetterState, up_to: int) -> int:
        """How many dead letters are in this state; counting stops at `up_to`."""
        return await self._letters.count_documents({"state": state}, limit=up_to)

    async def page(self, state: LetterState | None, after: Keyset | None, limit: int) -> list[DeadLetter]:
        """Dead letters, the latest failure first."""
        query: Document = {} if state is None else {"state": state}
        query |= keyset.after("lastAt", after)
        cursor = self._letters.find(query).sort([("lastAt", -1), ("_id", 1)]).limit(limit)
        return [_letter(doc) async for doc in cursor]

    async def of_lead(self, lead_id: str, session: Session | None = None) -> DeadLetter | None:
        """The dead letter of a lead, if it has one."""
        doc = await self._letters.find_one({"_id": lead_id}, session=session)
        return _letter(doc) if doc else None


def _letter(doc: Document) -> DeadLetter:
    return DeadLetter(
        lead_id=doc["_id"],
        position=doc["position"],
        event_id=doc["eventId"],
        reason=doc["reason"],
        attempts=doc["attempts"],
        state=doc["state"],
        first_at=from_bson(doc["firstAt"]),
        last_at=from_bson(doc["lastAt"]),
    )

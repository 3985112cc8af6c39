"""What could not be processed, kept for ever with its reason until a person decides."""

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
from engine.store.collection import CollectionSpec
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["DEAD_LETTERS", "DeadLetter", "DeadLetters", "LetterState"]

DEAD_LETTERS = CollectionSpec(
    "deadLetters",
    (
        IndexModel([("lastAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("lastAt", DESCENDING), ("_id", ASCENDING)]),
    ),
    superseded_indexes=("state_1_lastAt_-1",),  # the second one above answers its queries (ADR 21)
)


LetterState = Literal["retrying", "quarantined"]


_EMPTY_SECONDS = 1.0
"""How long it is trusted that nothing has failed, which is so nearly always."""


class DeadLetter(Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead whose fold fails at an event. `retrying` until it has failed often enough, then `quarantined`.

    Position 0 and no event id when it is not known at which event. No attempts when it is only suspected.
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
    """Failed folds by lead: one letter for each lead that fails, none for one that folds.

    state       call         state after it
    none        failed       retrying, 1 attempt; quarantined at once where one attempt is all
    none        suspect      retrying, 0 attempts, marked suspect: it may have killed its worker
    any         suspect      the same, marked suspect
    retrying    failed       one attempt more; with the last of them quarantined
    retrying    resolved     none: a worker folded an event of it
    retrying    cleared      none, only if it is marked suspect and no event of it is known to fail: it came through alone
    retrying    settled      none: the reconciler found that it has nothing left to fold
    any         release      retrying, 0 attempts: a person mended something, or discarded the event
    quarantined resolved     none: a worker that had begun to fold it before the quarantine came through

    A worker passes over a quarantined lead, so nothing else ends a quarantine but `release`. What came to pass before it
    was quarantined must not end it either: `cleared` and `settled` leave a quarantined lead as it is. The mark of a
    suspect stays until its letter goes, so that a released killer of workers is folded alone again.
    """

    def __init__(self, database: Database, attempts: int) -> None:
        self._letters = DEAD_LETTERS.of(database)
        self._attempts = attempts
        self._empty_until = 0.0

    async def states(self, lead_ids: Iterable[str], session: Session | None = None) -> dict[str, str]:
        """Of the leads that have failed: whether they are `retrying` or `quarantined`.

        Of failures elsewhere it hears within a second; until then such a lead may be tried once more.
        """
        if time.monotonic() < self._empty_until:
            return {}
        if session is not None and not await self._letters.find_one(
            {}, {"_id": 1}, sort=[("_id", 1)], session=session
        ):
            self._empty_until = time.monotonic() + _EMPTY_SECONDS
            return {}
        query = {"_id": {"$in": list(lead_ids)}}
        return {
            doc["_id"]: doc["state"] async for doc in self._letters.find(query, {"state": 1}, session=session)
        }

    async def record_failure(
        self, lead_id: str, position: int, event_id: str, reason: str, at: Millis
    ) -> DeadLetter:
        """Count a failed fold; the lead is quarantined when it has failed often enough."""
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
        """Note that a worker died while it was at these leads; which of them it was is not known."""
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
        """Those of the leads that are suspected of killing their worker, and not quarantined yet.

        Of a suspicion it hears within a second; until then such a lead may be folded with others once more.
        """
        if time.monotonic() < self._empty_until:
            return set()
        query = {"_id": {"$in": list(lead_ids)}, "suspect": True, "state": "retrying"}
        return {doc["_id"] async for doc in self._letters.find(query, {"_id": 1})}

    async def clear_suspicion(self, lead_id: str) -> None:
        """A suspect has come through alone: forget it, unless an event of it failed or it is quarantined by now."""
        query = {"_id": lead_id, "suspect": True, "position": 0, "state": "retrying"}
        await self._letters.delete_one(query)

    async def resolve(self, lead_ids: Iterable[str]) -> None:
        """Leads have folded: forget their failures, in whatever state."""
        await self._letters.delete_many({"_id": {"$in": list(lead_ids)}})

    async def get(self, lead_id: str, session: Session | None = None) -> DeadLetter:
        """The dead letter of a lead. Raises `NotFound`."""
        letter = await self.of_lead(lead_id, session)
        if letter is None:
            raise NotFound("dead letter of lead", lead_id)
        return letter

    async def release(self, lead_id: str, session: Session) -> None:
        """Let the lead be folded again, with all its attempts."""
        await self._letters.update_one(
            {"_id": lead_id}, {"$set": {"state": "retrying", "attempts": 0}}, session=session
        )

    async def retrying(self, limit: int) -> list[DeadLetter]:
        """Leads that are to be folded again, those that wait longest first."""
        cursor = self._letters.find({"state": "retrying"}).sort("lastAt", 1).limit(limit)
        return [_letter(doc) async for doc in cursor]

    async def drop_if_idle(self, lead_ids: Iterable[str]) -> None:
        """Leads turned out to have nothing left to fold: forget their failures, unless they are quarantined by now."""
        await self._letters.delete_many({"_id": {"$in": list(lead_ids)}, "state": "retrying"})

    async def page(self, state: LetterState | None, after: Keyset | None, limit: int) -> list[DeadLetter]:
        """Dead letters, the one that failed last first."""
        query: Document = {} if state is None else {"state": state}
        query |= keyset.after("lastAt", after)
        cursor = self._letters.find(query).sort([("lastAt", -1), ("_id", 1)]).limit(limit)
        return [_letter(doc) async for doc in cursor]

    async def of_lead(self, lead_id: str, session: Session | None = None) -> DeadLetter | None:
        """The lead's letter, if it has one."""
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

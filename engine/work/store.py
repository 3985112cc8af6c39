"""Units of one kind in MongoDB: claimed in batches under a lease, finished, released, held, restarted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from pymongo import UpdateOne

from domain.errors import Conflict
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.mongo import Document, Session
from engine.work.outcome import Outcome, Settlement
from engine.work.unit import Unit
from engine.work.unit_document import MAX_DETAIL, outcome_fields
from engine.work.unit_reader import IS_CLAIMABLE, UnitReader

__all__ = ["MAX_ATTEMPTS", "Candidate", "WorkStore", "attempted_by", "end_of_attempt"]

MAX_ATTEMPTS = 100
"""Attempts after which a unit is not restarted again, so that its document stays small."""

_NO_LEASE = {"leasedUntil": "", "claim": ""}

U = TypeVar("U", bound=Unit)


class Candidate(NamedTuple):
    """A unit that is due soon. `key` is the receiver that it shares a limit with, if its kind has such a limit."""

    unit_id: str
    due_at: Millis
    key: str


class WorkStore(UnitReader[U]):
    """The units of one kind, in a collection of their own; a kind adds what its units are about, and its lists.

    Every change of a unit is one atomic update of one document. The number of its attempts is the fencing token: an
    attempt whose lease ended and that was overtaken by the next one changes nothing any more.
    """

    async def soonest(self, until: Millis, limit: int, passing_over: Iterable[str] = ()) -> list[Candidate]:
        """The units that come due by `until`, the one that is due first at the head; none of the keys passed over."""
        query: Document = {"state": IS_CLAIMABLE, "dueAt": {"$lte": to_bson(until)}}
        if keys := list(passing_over):
            query[self._key] = {"$nin": keys}
        fields = {"dueAt": 1, **({self._key: 1} if self._key else {})}
        cursor = self._units.find(query, fields).sort([("dueAt", 1), ("_id", 1)]).hint(self._index)
        return [
            Candidate(doc["_id"], from_bson(doc["dueAt"]), doc.get(self._key, ""))
            async for doc in cursor.limit(limit)
        ]

    async def claim(self, unit_ids: Sequence[str], at: Millis, lease: Millis) -> list[U]:
        """Begin an attempt of each of these units that is due and that no other worker has claimed.

        A claimed unit is due again when its lease ends. The claims are single updates, which the driver may retry.
        """
        if not unit_ids:
            return []
        token, until = secrets.token_hex(8), to_bson(at + lease)
        change = {
            "$set": {"dueAt": until, "leasedUntil": until, "claim": token},
            "$inc": {"tries": 1},
            "$push": {"attempts": {"at": to_bson(at)}},
        }
        due = {"state": IS_CLAIMABLE, "dueAt": {"$lte": to_bson(at)}}
        await self._units.bulk_write(
            [UpdateOne({"_id": one, **due}, change) for one in unit_ids], ordered=False
        )
        claimed = await self._units.find({"_id": {"$in": list(unit_ids)}, "claim": token}).to_list()
        units = {doc["_id"]: self._readable(doc) for doc in claimed}
        await self._give_up([one for one, unit in units.items() if unit is None], at)
        return [unit for unit in units.values() if unit is not None]

    async def finish(self, unit: U, outcome: Outcome, settlement: Settlement) -> bool:
        """End the newest attempt of a claimed unit. False if another attempt has overtaken it: then nothing changes."""
        finished = await self._units.update_one(attempted_by(unit), end_of_attempt(unit, outcome, settlement))
        return finished.modified_count > 0

    async def postpone(self, unit: U, because: str, due_at: Millis) -> bool:
        """End the newest attempt of a claimed unit as none: the unit waits until then. False if it was overtaken.

        The attempt is removed, so that a unit may wait as long as it likes and its document stays small.
        """
        postponed = await self._units.update_one(
            attempted_by(unit),
            {
                "$set": {"state": "waiting", "dueAt": to_bson(due_at), "waitsBecause": because[:MAX_DETAIL]},
                "$inc": {"tries": -1},
                "$pop": {"attempts": 1},
                "$unset": _NO_LEASE,
            },
        )
        return postponed.modified_count > 0

    async def release(self, unit: U, at: Millis) -> None:
        """Give up the lease of an attempt that was cut off: the unit is due at once. The attempt stays without outcome."""
        await self._units.update_one(
            attempted_by(unit), {"$set": {"dueAt": to_bson(at)}, "$unset": _NO_LEASE}
        )

    async def hold(self, unit_id: str, because: str, at: Millis, session: Session | None = None) -> U:
        """Pause a unit that waits to be attempted. Raises `NotFound`, and `Conflict` when it is over or under way."""
        held = await self._units.update_one(
            {"_id": unit_id, "state": IS_CLAIMABLE, **_idle(at)},
            {"$set": {"state": "held", "heldBecause": because}, "$unset": _NO_LEASE},
            session=session,
        )
        unit = await self.get(unit_id, session)
        if not held.matched_count:
            raise Conflict(f"This {self._name} is under way at this moment, or it is over.")
        return unit

    async def resume(self, unit_id: str, session: Session | None = None) -> U:
        """Let a held unit be attempted again at its due time. Raises `NotFound`, and `Conflict` when it is not held."""
        resumed = await self._units.update_one(
            {"_id": unit_id, "state": "held"},
            [
                {"$set": {"state": {"$cond": [{"$gt": ["$tries", 0]}, "retrying", "waiting"]}}},
                {"$unset": "heldBecause"},
            ],
            session=session,
        )
        unit = await self.get(unit_id, session)
        if not resumed.matched_count:
            raise Conflict(f"This {self._name} is not held.")
        return unit

    async def restart(self, unit_id: str, at: Millis, session: Session | None = None) -> U:
        """Make a unit due now with all its attempts again, whatever its state.

        Raises `NotFound`, and `Conflict` while it is under way or when it was attempted `MAX_ATTEMPTS` times.
        """
        restarted = await self._units.update_one(
            {"_id": unit_id, **_idle(at), f"attempts.{MAX_ATTEMPTS - 1}": {"$exists": False}},
            {
                "$set": {"state": "waiting", "tries": 0, "dueAt": to_bson(at)},
                "$unset": {**_NO_LEASE, "heldBecause": ""},
            },
            session=session,
        )
        unit = await self.get(unit_id, session)
        if not restarted.matched_count and len(unit.attempts) >= MAX_ATTEMPTS:
            raise Conflict(f"This {self._name} was attempted {len(unit.attempts)} times, and that is enough.")
        if not restarted.matched_count:
            raise Conflict(f"This {self._name} is under way at this moment.")
        return unit

    async def _give_up(self, unreadable: Sequence[str], at: Millis) -> None:
        """Nobody can attempt these documents: they are dead."""
        if unreadable:
            await self._units.update_many(
                {"_id": {"$in": list(unreadable)}},
                {"$set": {"state": "dead", "dueAt": to_bson(at)}, "$unset": _NO_LEASE},
            )


def end_of_attempt(unit: Unit, outcome: Outcome, settlement: Settlement) -> Document:
    """The change that ends the newest attempt of a unit."""
    last = len(unit.attempts) - 1
    ended = {f"attempts.{last}.{name}": value for name, value in outcome_fields(outcome).items()}
    return {
        "$set": {"state": settlement.state, "dueAt": to_bson(settlement.due_at), **ended},
        "$unset": _NO_LEASE,
    }


def attempted_by(unit: Unit) -> Document:
    """The unit as long as the attempt that was claimed with it is its newest, and has not ended."""
    return {
        "_id": unit.unit_id,
        "attempts": {"$size": len(unit.attempts)},
        "leasedUntil": {"$exists": True},
    }


def _idle(at: Millis) -> Document:
    """No attempt is under way, or its lease has ended."""
    return {"$or": [{"leasedUntil": None}, {"leasedUntil": {"$lte": to_bson(at)}}]}

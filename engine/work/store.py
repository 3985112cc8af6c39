"""Units of one kind in MongoDB: claimed in batches under a lease, finished, released, held, restarted."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.results import UpdateResult

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.keyset import Keyset
from engine.store.mongo import Collection, Document
from engine.work.outcome import Outcome, Settlement
from engine.work.unit import CLAIMABLE, OPEN, Unit, UnitState
from engine.work.unit_document import outcome_fields

__all__ = ["MAX_ATTEMPTS", "Candidate", "WorkStore", "due_index"]

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 100
"""Attempts after which a unit is not restarted again, so that its document stays small."""

_CLAIMABLE = {"$in": list(CLAIMABLE)}

U = TypeVar("U", bound=Unit)


def due_index(key: str = "") -> IndexModel:
    """The index by which the units of a collection are claimed and listed; `key` is that of the store."""
    return IndexModel(_due_fields(key))


class Candidate(NamedTuple):
    """A unit that is due soon. `key` is the receiver that it shares a limit with, if its kind has such a limit."""

    unit_id: str
    due_at: Millis
    key: str


class WorkStore(Generic[U]):
    """The units of one kind, in a collection of their own; a kind adds what its units are about, and its lists.

    Every change of a unit is one atomic update of one document. The number of its attempts is the fencing token: an
    attempt whose lease ended and that was overtaken by the next one changes nothing any more.
    """

    def __init__(self, units: Collection, read: Callable[[Document], U], *, name: str, key: str = "") -> None:
        """`read` makes a unit of a document; `name` is what errors call one; `key` is the field of `Candidate.key`.

        The collection needs `due_index(key)`.
        """
        self._units = units
        self._read = read
        self._name = name
        self._key = key
        self._index = _due_fields(key)

    # Working units

    async def soonest(self, until: Millis, limit: int, passing_over: Iterable[str] = ()) -> list[Candidate]:
        """The units that come due by `until`, the one that is due first at the head; none of the keys passed over."""
        query: Document = {"state": _CLAIMABLE, "dueAt": {"$lte": to_bson(until)}}
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
        due = {"state": _CLAIMABLE, "dueAt": {"$lte": to_bson(at)}}
        await self._units.bulk_write(
            [UpdateOne({"_id": one, **due}, change) for one in unit_ids], ordered=False
        )
        claimed = await self._units.find({"_id": {"$in": list(unit_ids)}, "claim": token}).to_list()
        units = {doc["_id"]: self._readable(doc) for doc in claimed}
        await self._give_up([one for one, unit in units.items() if unit is None], at)
        return [unit for unit in units.values() if unit is not None]

    async def finish(self, unit: U, outcome: Outcome, settlement: Settlement) -> bool:
        """End the newest attempt of a claimed unit. False if another attempt has overtaken it: then nothing changes."""
        number = len(unit.attempts)
        ended = {f"attempts.{number - 1}.{name}": value for name, value in outcome_fields(outcome).items()}
        finished = await self._units.update_one(
            {"_id": unit.unit_id, "attempts": {"$size": number}, "leasedUntil": {"$exists": True}},
            {
                "$set": {"state": settlement.state, "dueAt": to_bson(settlement.due_at), **ended},
                "$unset": {"leasedUntil": "", "claim": ""},
            },
        )
        return finished.modified_count > 0

    async def release(self, unit: U, at: Millis) -> None:
        """Give up the lease of an attempt that was cut off: the unit is due at once. The attempt stays without outcome."""
        await self._units.update_one(
            {
                "_id": unit.unit_id,
                "attempts": {"$size": len(unit.attempts)},
                "leasedUntil": {"$exists": True},
            },
            {"$set": {"dueAt": to_bson(at)}, "$unset": {"leasedUntil": "", "claim": ""}},
        )

    # What a person or a rule decides

    async def hold(self, unit_id: str, because: str, at: Millis) -> U:
        """Pause a unit that waits to be attempted. Raises `NotFound`, and `Conflict` when it is over or under way."""
        held = await self._units.update_one(
            {"_id": unit_id, "state": _CLAIMABLE, **_idle(at)},
            {"$set": {"state": "held", "heldBecause": because}, "$unset": {"leasedUntil": "", "claim": ""}},
        )
        return await self._changed(
            unit_id, held, f"This {self._name} is under way at this moment, or it is over."
        )

    async def resume(self, unit_id: str) -> U:
        """Let a held unit be attempted again at its due time. Raises `NotFound`, and `Conflict` when it is not held."""
        resumed = await self._units.update_one(
            {"_id": unit_id, "state": "held"},
            [
                {"$set": {"state": {"$cond": [{"$gt": ["$tries", 0]}, "retrying", "waiting"]}}},
                {"$unset": "heldBecause"},
            ],
        )
        return await self._changed(unit_id, resumed, f"This {self._name} is not held.")

    async def restart(self, unit_id: str, at: Millis) -> U:
        """Make a unit due now with all its attempts again, whatever its state.

        Raises `NotFound`, and `Conflict` while it is under way or when it was attempted `MAX_ATTEMPTS` times.
        """
        restarted = await self._units.update_one(
            {"_id": unit_id, **_idle(at), f"attempts.{MAX_ATTEMPTS - 1}": {"$exists": False}},
            {
                "$set": {"state": "waiting", "tries": 0, "dueAt": to_bson(at)},
                "$unset": {"leasedUntil": "", "claim": "", "heldBecause": ""},
            },
        )
        unit = await self.get(unit_id)
        if not restarted.matched_count and len(unit.attempts) >= MAX_ATTEMPTS:
            raise Conflict(f"This {self._name} was attempted {len(unit.attempts)} times, and that is enough.")
        if not restarted.matched_count:
            raise Conflict(f"This {self._name} is under way at this moment.")
        return unit

    # Reading

    async def find(self, unit_id: str) -> U | None:
        """The unit, if it is stored."""
        doc = await self._units.find_one({"_id": unit_id})
        return self._read(doc) if doc else None

    async def get(self, unit_id: str) -> U:
        """The unit. Raises `NotFound`."""
        unit = await self.find(unit_id)
        if unit is None:
            raise NotFound(self._name, unit_id)
        return unit

    async def by_due_time(self, state: UnitState | None, after: Keyset | None, limit: int) -> list[U]:
        """A page of the units in a state, or of all that are not done: the one that is due first at the head."""
        states = [state] if state else list(OPEN)
        query = {"state": {"$in": states}, **keyset.after("dueAt", after, descending=False)}
        cursor = self._units.find(query).sort([("dueAt", 1), ("_id", 1)]).hint(self._index)
        units: list[U] = []
        async for doc in cursor.batch_size(limit):
            if (unit := self._readable(doc)) is not None:
                units.append(unit)
            if len(units) == limit:
                break
        return units

    async def count(self, state: UnitState) -> int:
        """How many units are in this state."""
        return await self._units.count_documents({"state": state}, hint=self._index)

    async def count_due(self, at: Millis) -> int:
        """How many units are due and not claimed."""
        query = {"state": _CLAIMABLE, "dueAt": {"$lte": to_bson(at)}}
        return await self._units.count_documents(query, hint=self._index)

    async def _changed(self, unit_id: str, result: UpdateResult, otherwise: str) -> U:
        unit = await self.get(unit_id)
        if not result.matched_count:
            raise Conflict(otherwise)
        return unit

    def _readable(self, doc: Document) -> U | None:
        """The unit, or None for a document that is none: one of these must not hold up its whole kind."""
        try:
            return self._read(doc)
        except (KeyError, TypeError, ValueError):
            _log.exception("The %s %s cannot be read.", self._name, doc["_id"])
            return None

    async def _give_up(self, unreadable: Sequence[str], at: Millis) -> None:
        """Nobody can attempt these: they are dead."""
        if unreadable:
            await self._units.update_many(
                {"_id": {"$in": list(unreadable)}},
                {"$set": {"state": "dead", "dueAt": to_bson(at)}, "$unset": {"leasedUntil": "", "claim": ""}},
            )


def _due_fields(key: str) -> list[tuple[str, int]]:
    """State before time, so that units that wait for later or are held are outside of the range that is read."""
    fields = ["state", "dueAt", "_id", *([key] if key else [])]
    return [(field, ASCENDING) for field in fields]


def _idle(at: Millis) -> Document:
    """No attempt is under way, or its lease has ended."""
    return {"$or": [{"leasedUntil": None}, {"leasedUntil": {"$lte": to_bson(at)}}]}

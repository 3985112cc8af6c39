"""Reads units of one kind: one by id, lists by due time, and how many there are in each state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from pymongo import ASCENDING, IndexModel

from domain.errors import NotFound
from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store import keyset
from engine.store.keyset import Keyset
from engine.store.mongo import Collection, Document, Session
from engine.work.unit import CLAIMABLE, OPEN, Unit, UnitState

__all__ = ["IS_CLAIMABLE", "UnitReader", "due_index"]

_log = logging.getLogger(__name__)

IS_CLAIMABLE = {"$in": list(CLAIMABLE)}

U = TypeVar("U", bound=Unit)


def due_index(key: str = "") -> IndexModel:
    """The index by which the units of a collection are claimed and listed; `key` is that of the reader."""
    return IndexModel(_due_fields(key))


class UnitReader(Generic[U]):
    """The units of one kind, in a collection that has `due_index(key)`."""

    def __init__(self, units: Collection, read: Callable[[Document], U], *, name: str, key: str = "") -> None:
        """`read` makes a unit of a document and `name` is what errors call one.

        `key` is the field of the receiver for whose units the kind has a limit, if it has such a limit.
        """
        self._units = units
        self._read = read
        self._name = name
        self._key = key
        self._index = _due_fields(key)

    async def find(self, unit_id: str, session: Session | None = None) -> U | None:
        """The unit, if it is stored."""
        doc = await self._units.find_one({"_id": unit_id}, session=session)
        return self._read(doc) if doc else None

    async def get(self, unit_id: str, session: Session | None = None) -> U:
        """The unit. Raises `NotFound`."""
        unit = await self.find(unit_id, session)
        if unit is None:
            raise NotFound(self._name, unit_id)
        return unit

    async def by_due_time(self, state: UnitState | None, after: Keyset | None, limit: int) -> list[U]:
        """A page of the units in a state, or of all that are not done: the one that is due first at the head."""
        states = [state] if state else list(OPEN)
        found = [unit for one in states for unit in await self._of_state(one, after, limit)]
        return sorted(found, key=lambda one: (one.due_at, one.unit_id))[:limit]

    async def _of_state(self, state: UnitState, after: Keyset | None, limit: int) -> list[U]:
        """A page of one state. Of several states at once a page behind another would be sorted in memory."""
        query = {"state": state, **keyset.after("dueAt", after, descending=False)}
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
        query = {"state": IS_CLAIMABLE, "dueAt": {"$lte": to_bson(at)}}
        return await self._units.count_documents(query, hint=self._index)

    def _readable(self, doc: Document) -> U | None:
        """The unit, or None for a document that is none: one of these must not hold up its whole kind."""
        try:
            return self._read(doc)
        except (KeyError, TypeError, ValueError):
            _log.exception("The %s %s cannot be read.", self._name, doc["_id"])
            return None


def _due_fields(key: str) -> list[tuple[str, int]]:
    """State before time, so that units that wait for later or are held are outside of the range that is read."""
    fields = ["state", "dueAt", "_id", *([key] if key else [])]
    return [(field, ASCENDING) for field in fields]

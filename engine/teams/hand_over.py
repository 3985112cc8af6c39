"""Hand-overs as due work: the open leads and tasks of a person go to somebody else, some at a time."""

from __future__ import annotations

import secrets
from typing import Literal

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.errors import Conflict
from domain.instant import Millis
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import OPEN, Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["HAND_OVER", "HAND_OVERS", "HandOver", "HandOverStore", "Recipient", "Wish"]

HAND_OVER = "hand-over"
"""The kind of due work that hand-overs are."""

HAND_OVERS = CollectionSpec(
    "handOvers",
    Distribution.UNSHARDED,
    (due_index(), IndexModel([("personId", ASCENDING), ("createdAt", DESCENDING)])),
    free_of_personal_data="ids of members of the workspace, reasons about them, and the id of the lead that comes next",
)

Recipient = Literal["person", "routing", "nobody"]
"""Who gets the leads: a person, whoever the routing rules choose, or nobody."""


class Wish(Struct, frozen=True, kw_only=True):
    """What becomes of the leads of a person; `owner_id` is there for a person."""

    to: Recipient
    owner_id: str | None
    why: str


class HandOver(Unit, frozen=True, kw_only=True):
    """The hand-over of the open leads and tasks of a person.

    `after` is the lead with which the present pass over the list has ended so far, by score and id. `leads` and `tasks` count
    what was handed over; `in_pass` the leads of this pass.
    """

    person_id: str
    wish: Wish
    by: str
    after: tuple[float, str] | None
    passes: int
    in_pass: int
    leads: int
    tasks: int

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"handOverId": self.unit_id, "personId": self.person_id}


class HandOverStore(WorkStore[HandOver]):
    """Hand-overs, at most one open at a time per person."""

    def __init__(self, database: Database) -> None:
        super().__init__(HAND_OVERS.of(database), _read, name="hand-over")

    async def add(self, person_id: str, wish: Wish, by: str, at: Millis, session: Session) -> HandOver:
        """Store a hand-over. The same again while one is open is that one; raises `Conflict` for another one."""
        query: Document = {"personId": {"$eq": person_id}, "state": {"$in": list(OPEN)}}
        found = await self._units.find_one(query, session=session)
        if found is not None:
            stored = _read(found)
            if stored.wish != wish:
                raise Conflict("The leads of this person are being handed over already, in another way.")
            return stored
        document: Document = {
            "_id": f"hand-over:{secrets.token_hex(8)}",
            "personId": person_id,
            "to": wish.to,
            "ownerId": wish.owner_id,
            "why": wish.why,
            "by": by,
            "after": None,
            "passes": 0,
            "inPass": 0,
            "leads": 0,
            "tasks": 0,
            **new_unit(at),
        }
        await self._units.insert_one(document, session=session)
        return _read(document)

    async def latest(self, person_id: str) -> HandOver | None:
        """The newest hand-over of the leads of a person, if there was one."""
        doc = await self._units.find_one({"personId": {"$eq": person_id}}, sort=[("createdAt", -1)])
        return None if doc is None else _read(doc)

    async def advance(self, unit: HandOver, after: tuple[float, str], leads: int) -> None:
        """Record that the pass has come to this lead, with so many leads handed over since the last record."""
        await self._units.update_one(
            {"_id": unit.unit_id},
            {"$set": {"after": list(after)}, "$inc": {"leads": leads, "inPass": leads}},
        )

    async def begin_pass(self, unit: HandOver) -> None:
        """Start from the first lead again."""
        await self._units.update_one(
            {"_id": unit.unit_id}, {"$set": {"after": None, "inPass": 0}, "$inc": {"passes": 1}}
        )

    async def count_tasks(self, unit: HandOver, tasks: int) -> None:
        """Record that so many tasks more were handed over."""
        await self._units.update_one({"_id": unit.unit_id}, {"$inc": {"tasks": tasks}})


def _read(doc: Document) -> HandOver:
    after = doc["after"]
    return HandOver(
        **unit_fields(doc),
        person_id=doc["personId"],
        wish=Wish(to=doc["to"], owner_id=doc["ownerId"], why=doc["why"]),
        by=doc["by"],
        after=None if after is None else (after[0], after[1]),
        passes=doc["passes"],
        in_pass=doc["inPass"],
        leads=doc["leads"],
        tasks=doc["tasks"],
    )

"""Timers of the first contact with a routed lead, as due work: a reminder at half of the time, and the end of it."""

from __future__ import annotations

import contextlib

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document
from engine.work.store import WorkStore
from engine.work.unit import Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["FIRST_TOUCH", "FIRST_TOUCHES", "FirstTouch", "FirstTouchStore"]

FIRST_TOUCH = "first-touch"
"""The kind of due work that these timers are."""

FIRST_TOUCHES = CollectionSpec(
    "firstTouches",
    Distribution.BY_LEAD,
    (due_index(), IndexModel([("leadId", ASCENDING)])),
    free_of_personal_data="ids of leads and of members of the workspace, and times",
)


class FirstTouch(Unit, frozen=True, kw_only=True):
    """A lead that its owner is to contact by `deadline`; before it the unit is due for the reminder."""

    lead_id: str
    decision_id: str
    owner_id: str
    deadline: Millis

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "firstTouchId": self.unit_id}


class FirstTouchStore(WorkStore[FirstTouch]):
    """Timers, one per routing decision."""

    def __init__(self, database: Database) -> None:
        super().__init__(FIRST_TOUCHES.of(database), _read, name="first touch")

    async def add(  # noqa: PLR0917 - the parts of a timer
        self, decision_id: str, lead_id: str, owner_id: str, at: Millis, remind_at: Millis, deadline: Millis
    ) -> str:
        """Store a timer; one that is stored already stays as it is. Returns its id."""
        document = {
            "_id": f"touch:{decision_id}",
            "leadId": lead_id,
            "decisionId": decision_id,
            "ownerId": owner_id,
            "deadline": to_bson(deadline),
            **new_unit(at, remind_at),
        }
        with contextlib.suppress(DuplicateKeyError):  # an earlier attempt came this far
            await self._units.insert_one(document)
        return str(document["_id"])


def _read(doc: Document) -> FirstTouch:
    return FirstTouch(
        **unit_fields(doc),
        decision_id=doc["decisionId"],
        owner_id=doc["ownerId"],
        deadline=from_bson(doc["deadline"]),
    )

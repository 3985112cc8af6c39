"""The challenger in MongoDB: a rulebook that folds the live stream beside the active one, with states and firings of its own.

There is one at a time. Its states and firings are written in one transaction with a compare-and-set on its steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from pymongo import ASCENDING, IndexModel, ReplaceOne, UpdateOne

from domain.errors import NotFound
from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.leads.state import LeadState
from domain.rule_lab.simulation import Alert
from domain.rulebooks.rulebook import Rulebook
from engine.leads.lead_document import applied_fields, applied_in
from engine.privacy.personal_data import EncryptedDataStore, Exported
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import Database, Document, Session

__all__ = [
    "SHADOW_FIRINGS",
    "SHADOW_LEADS",
    "SHADOW_RULEBOOKS",
    "Shadow",
    "ShadowData",
    "ShadowLead",
    "ShadowMoved",
    "ShadowState",
    "ShadowStore",
]

ShadowState = Literal["starting", "running", "ended", "stopping"]

SHADOW_RULEBOOKS = CollectionSpec(
    "shadowRulebooks",
    Distribution.UNSHARDED,
    free_of_personal_data="rules, written by operators, and positions",
)
SHADOW_LEADS = CollectionSpec(
    "shadowLeads",
    Distribution.BY_LEAD,
    (IndexModel([("dueAt", ASCENDING)]), IndexModel([("shadow", ASCENDING)])),
)
SHADOW_FIRINGS = CollectionSpec(
    "shadowFirings",
    Distribution.BY_LEAD,
    (
        IndexModel([("leadId", ASCENDING), ("ruleId", ASCENDING), ("occurredAt", ASCENDING)]),
        IndexModel([("shadow", ASCENDING), ("ruleId", ASCENDING)]),
    ),
)
_ID = "challenger"
_decoder = msgspec.json.Decoder(LeadState)


class ShadowMoved(ConcurrencyConflict):
    """Another process has moved the challenger on, or another one has taken its place."""


class Shadow(Struct, frozen=True, kw_only=True):
    """A challenger: events behind `started_position` are folded until `until`; `position` is how far that has come.

    Both are places in the log, as `LogCursor.token` has them.
    """

    shadow_id: str
    digest: str
    label: str
    text: str
    before: str
    started_at: Millis
    started_position: int | str
    until: Millis
    started_by: str
    state: ShadowState = "starting"
    position: int | str
    step: int = 0
    filled: str | None = ""
    """Up to this id of a lead those that did nothing since are folded too; None: all are."""


class ShadowLead(Struct, frozen=True):
    """A lead under the challenger: its state after all its events in `read`, and when to look again."""

    lead_id: str
    state: LeadState
    read: AppliedPositions
    due_at: Millis | None


class ShadowStore:
    """The challenger, its states and its firings."""

    def __init__(self, database: Database) -> None:
        self._shadows = SHADOW_RULEBOOKS.of(database)
        self._leads = SHADOW_LEADS.of(database)
        self._firings = SHADOW_FIRINGS.of(database)

    async def put(self, shadow: Shadow, rulebook: Rulebook) -> None:
        """Take the place of whatever challenger there is."""
        content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._shadows.replace_one({"_id": _ID}, {**_document(shadow), "rulebook": content}, upsert=True)

    async def find(self) -> Shadow | None:
        """The challenger, if there is one."""
        doc = await self._shadows.find_one({"_id": _ID}, {"rulebook": 0})
        return _read(doc) if doc else None

    async def rulebook(self) -> Rulebook:
        """The challenger's rulebook. Raises `NotFound`."""
        doc = await self._shadows.find_one({"_id": _ID}, {"rulebook": 1})
        if doc is None:
            raise NotFound("shadow", _ID)
        return Rulebook.model_validate(doc["rulebook"])

    async def move_on(
        self, shadow: Shadow, state: ShadowState, position: int | str, session: Session | None = None
    ) -> Shadow:
        """Store the next step, with how far it is `filled`. Raises `ShadowMoved` unless the challenger is still as it was read."""
        after = replace(shadow, state=state, position=position, step=shadow.step + 1)
        found = await self._shadows.update_one(
            {"_id": _ID, "shadow": shadow.shadow_id, "step": shadow.step},
            {"$set": {"state": state, "position": position, "step": after.step, "filled": shadow.filled}},
            session=session,
        )
        if not found.matched_count:
            raise ShadowMoved("The challenger was moved on by another process.")
        return after

    async def stop(self) -> None:
        """Let the challenger end; it is removed in the background. Raises `NotFound`."""
        found = await self._shadows.update_one(
            {"_id": _ID, "state": {"$ne": "stopping"}}, {"$set": {"state": "stopping"}, "$inc": {"step": 1}}
        )
        if not found.matched_count:
            raise NotFound("shadow", _ID, "No rulebook is shadowed.")

    async def clear(self, but: str = "") -> None:
        """Remove all states and firings but those of one challenger."""
        others = {"shadow": {"$ne": but}}
        await self._leads.delete_many(others)
        await self._firings.delete_many(others)

    async def remove(self, shadow: Shadow) -> None:
        """Remove a challenger that is stopping."""
        await self._shadows.delete_one({"_id": _ID, "shadow": shadow.shadow_id, "state": "stopping"})

    async def leads(self, lead_ids: Sequence[str], session: Session | None = None) -> dict[str, ShadowLead]:
        """Those of the leads that the challenger has folded."""
        cursor = self._leads.find({"_id": {"$in": list(lead_ids)}}, session=session)
        return {doc["_id"]: _lead(doc) async for doc in cursor}

    async def due(self, at: Millis, limit: int) -> list[ShadowLead]:
        """Leads that time may have changed by `at`."""
        cursor = self._leads.find({"dueAt": {"$lte": to_bson(at)}}).sort("dueAt", 1).limit(limit)
        return [_lead(doc) async for doc in cursor]

    async def page(self, after: str, limit: int) -> list[ShadowLead]:
        """The next leads in the order of their ids."""
        cursor = self._leads.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        return [_lead(doc) async for doc in cursor]

    async def write(
        self,
        shadow_id: str,
        leads: Sequence[ShadowLead],
        alerts: Mapping[str, Sequence[Alert]],
        gone: Sequence[str],
        session: Session,
    ) -> None:
        """Store states and firings, each firing once; remove leads that are part of another one."""
        if leads:
            await self._leads.bulk_write(
                [
                    ReplaceOne({"_id": one.lead_id}, _lead_document(shadow_id, one), upsert=True)
                    for one in leads
                ],
                session=session,
            )
        if gone:
            await self._leads.delete_many({"_id": {"$in": list(gone)}}, session=session)
        firings = [
            _firing(shadow_id, lead_id, alert)
            for lead_id, of_lead in alerts.items()
            for alert in of_lead
            if not alert.rolling or not await self._fired_lately(lead_id, alert, session)
        ]
        if firings:
            await self._firings.bulk_write(firings, session=session)

    async def _fired_lately(self, lead_id: str, alert: Alert, session: Session) -> bool:
        """Whether the automation has run for the lead within its rolling period before this moment."""
        lately = {"$gt": to_bson(alert.occurred_at - alert.rolling), "$lt": to_bson(alert.occurred_at)}
        query = {"leadId": lead_id, "ruleId": alert.rule_id, "occurredAt": lately}
        return await self._firings.find_one(query, {"_id": 1}, session=session) is not None

    async def count_firings(self, shadow: Shadow) -> dict[str, int]:
        """How many firings there would have been, by rule."""
        stages: list[Document] = [
            {"$match": {"shadow": shadow.shadow_id}},
            {"$group": {"_id": "$ruleId", "count": {"$sum": 1}}},
        ]
        return {doc["_id"]: doc["count"] async for doc in await self._firings.aggregate(stages)}

    async def forget_state(self, lead_id: str, session: Session) -> None:
        """Remove the state of a lead whose events are no longer those that it was folded from."""
        await self._leads.delete_one({"_id": lead_id}, session=session)

    async def forget(self, lead_id: str) -> None:
        """Remove the lead; its next event brings it back, as the log then has it."""
        await self._leads.delete_one({"_id": lead_id})
        await self._firings.delete_many({"leadId": lead_id})


class ShadowData(EncryptedDataStore):
    """The registration of the challenger's states: as those of leads they hold personal fields only encrypted."""

    collections = (SHADOW_LEADS, SHADOW_FIRINGS)

    def __init__(self, shadows: ShadowStore) -> None:
        self._shadows = shadows

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        await self._shadows.forget(lead_id)
        return {}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {}


def _firing(shadow_id: str, lead_id: str, alert: Alert) -> UpdateOne:
    found = {
        "shadow": shadow_id,
        "leadId": lead_id,
        "ruleId": alert.rule_id,
        "occurredAt": to_bson(alert.occurred_at),
    }
    return UpdateOne(
        {"_id": f"{alert.rule_id}/{alert.bucket}/{lead_id}"}, {"$setOnInsert": found}, upsert=True
    )


def _document(shadow: Shadow) -> Document:
    return {
        "shadow": shadow.shadow_id,
        "digest": shadow.digest,
        "label": shadow.label,
        "text": shadow.text,
        "before": shadow.before,
        "startedAt": to_bson(shadow.started_at),
        "startedPosition": shadow.started_position,
        "until": to_bson(shadow.until),
        "startedBy": shadow.started_by,
        "state": shadow.state,
        "position": shadow.position,
        "step": shadow.step,
        "filled": shadow.filled,
    }


def _read(doc: Document) -> Shadow:
    return Shadow(
        shadow_id=doc["shadow"],
        digest=doc["digest"],
        label=doc["label"],
        text=doc["text"],
        before=doc["before"],
        started_at=from_bson(doc["startedAt"]),
        started_position=doc["startedPosition"],
        until=from_bson(doc["until"]),
        started_by=doc["startedBy"],
        state=doc["state"],
        position=doc["position"],
        step=doc["step"],
        filled=doc.get("filled", ""),
    )


def _lead_document(shadow_id: str, lead: ShadowLead) -> Document:
    return {
        "shadow": shadow_id,
        "_id": lead.lead_id,
        "leadId": lead.lead_id,
        **applied_fields(lead.read),
        "dueAt": None if lead.due_at is None else to_bson(lead.due_at),
        "state": msgspec.json.encode(lead.state).decode(),
    }


def _lead(doc: Document) -> ShadowLead:
    due_at = None if doc["dueAt"] is None else from_bson(doc["dueAt"])
    return ShadowLead(doc["_id"], _decoder.decode(doc["state"]), applied_in(doc), due_at)

"""Executions of automations: each one is written with the state that caused it, and attempted until done or dead."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.automations.automation import Fact
from domain.automations.firing import Firing
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["EXECUTIONS", "Attempt", "Execution", "ExecutionStore", "execution_id"]

EXECUTIONS = CollectionSpec(
    "automationExecutions",
    (
        IndexModel([("leadId", ASCENDING), ("ruleId", ASCENDING), ("dateBucket", ASCENDING)], unique=True),
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING)]),
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
    ),
)

State = Literal["pending", "running", "done", "dead"]


class Attempt(Struct, frozen=True, rename="camel"):
    """One attempt and how it ended; `outcome` is `started` while it runs or when its worker was killed."""

    number: int
    at: Millis
    outcome: Literal["started", "done", "failed"]
    detail: str = ""


class Execution(Struct, frozen=True, kw_only=True, rename="camel"):
    """One run of an automation for a lead in a period. Its id is the idempotency key of all attempts."""

    execution_id: str
    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    action: dict[str, Fact]
    facts: dict[str, Fact]
    state: State
    attempts: tuple[Attempt, ...]
    created_at: Millis
    due_at: Millis


def execution_id(lead_id: str, rule_id: str, date_bucket: str) -> str:
    """The same id for the same lead, rule and bucket, wherever it is computed."""
    key = f"{lead_id}\x1f{rule_id}\x1f{date_bucket}"
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


class ExecutionStore:
    """Executions and their attempts."""

    def __init__(self, database: Database) -> None:
        self._executions = EXECUTIONS.of(database)

    async def add(self, firings: Sequence[Firing], at: Millis, session: Session) -> list[str]:
        """Store what fired and was not stored before. Returns the ids of the new ones."""
        wanted: dict[str, Firing] = {}
        for firing in firings:
            wanted.setdefault(execution_id(firing.lead_id, firing.rule_id, firing.date_bucket), firing)
        if not wanted:
            return []
        cursor = self._executions.find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=session)
        async for doc in cursor:
            del wanted[doc["_id"]]
        if wanted:
            await self._executions.insert_many(
                [
                    {
                        "_id": identity,
                        "leadId": firing.lead_id,
                        "ruleId": firing.rule_id,
                        "dateBucket": firing.date_bucket,
                        "causePosition": firing.cause_position,
                        "action": firing.action,
                        "facts": firing.facts,
                        "state": "pending",
                        "attempts": [],
                        "createdAt": to_bson(at),
                        "dueAt": to_bson(at),
                    }
                    for identity, firing in wanted.items()
                ],
                session=session,
            )
        return list(wanted)

    async def claim(self, identity: str, at: Millis, lease_ms: Millis) -> Execution | None:
        """Begin an attempt, if the execution is due and no other attempt is under way."""
        attempt = {"at": to_bson(at), "outcome": "started", "detail": ""}
        doc = await self._executions.find_one_and_update(
            {"_id": identity, "state": {"$in": ["pending", "running"]}, "dueAt": {"$lte": to_bson(at)}},
            {
                "$set": {"state": "running", "dueAt": to_bson(at + lease_ms)},
                "$push": {"attempts": attempt},
            },
            return_document=True,
        )
        return _execution(doc) if doc else None

    async def finish(
        self, execution: Execution, state: State, outcome: str, detail: str, due_at: Millis | None = None
    ) -> None:
        """End the newest attempt of a claimed execution."""
        last = len(execution.attempts) - 1
        change: Document = {
            "state": state,
            f"attempts.{last}.outcome": outcome,
            f"attempts.{last}.detail": detail[:500],
        }
        if due_at is not None:
            change["dueAt"] = to_bson(due_at)
        await self._executions.update_one(
            {"_id": execution.execution_id, "state": "running", "attempts": {"$size": last + 1}},
            {"$set": change},
        )

    async def due(self, at: Millis, limit: int) -> list[str]:
        """Executions whose time has come: never attempted, to be retried, or left by a killed worker."""
        cursor = self._executions.find(
            {"state": {"$in": ["pending", "running"]}, "dueAt": {"$lte": to_bson(at)}}, {"_id": 1}
        )
        return [doc["_id"] async for doc in cursor.sort("dueAt", 1).limit(limit)]

    async def page(
        self,
        *,
        lead_id: str | None,
        rule_id: str | None,
        state: str | None,
        after: Keyset | None,
        limit: int,
    ) -> list[Execution]:
        """Executions, newest first."""
        given = {"leadId": lead_id, "ruleId": rule_id, "state": state}
        query: Document = {field: value for field, value in given.items() if value is not None}
        query |= keyset.after("createdAt", after)
        order = [("createdAt", -1), ("_id", 1)]
        index = order if lead_id is None else [("leadId", 1), *order]
        cursor = self._executions.find(query).sort(order).hint(index).limit(limit)
        return [_execution(doc) async for doc in cursor]


def _execution(doc: Document) -> Execution:
    return Execution(
        execution_id=doc["_id"],
        lead_id=doc["leadId"],
        rule_id=doc["ruleId"],
        date_bucket=doc["dateBucket"],
        cause_position=doc["causePosition"],
        action=doc["action"],
        facts=doc.get("facts", {}),
        state=doc["state"],
        attempts=tuple(
            Attempt(number, from_bson(attempt["at"]), attempt["outcome"], attempt["detail"])
            for number, attempt in enumerate(doc["attempts"], 1)
        ),
        created_at=from_bson(doc["createdAt"]),
        due_at=from_bson(doc["dueAt"]),
    )

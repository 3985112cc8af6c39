"""Executions of automations: due work that is stored in the transaction of the lead that caused it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.automations.firing import Firing
from domain.automations.period import instant_bucket
from domain.instant import Millis
from engine.automations.execution import Execution, ExecutionState, execution_id
from engine.process.clock import to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import CLAIMABLE
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["EXECUTIONS", "ExecutionStore"]

EXECUTIONS = CollectionSpec(
    "automationExecutions",
    Distribution.BY_LEAD,
    (
        IndexModel([("leadId", ASCENDING), ("ruleId", ASCENDING), ("dateBucket", ASCENDING)], unique=True),
        due_index(),
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
    ),
    superseded_indexes=("state_1_dueAt_1",),
)

_IN_STATE: dict[ExecutionState, Document] = {
    "pending": {"state": {"$in": list(CLAIMABLE)}, "leasedUntil": None},
    "running": {"state": {"$in": list(CLAIMABLE)}, "leasedUntil": {"$ne": None}},
    "held": {"state": "held"},
    "done": {"state": "done"},
    "dead": {"state": "dead"},
}


class ExecutionStore(WorkStore[Execution]):
    """Executions, one per lead, rule and date bucket."""

    def __init__(self, database: Database) -> None:
        super().__init__(EXECUTIONS.of(database), _read, name="execution")

    async def add(self, firings: Sequence[Firing], at: Millis, session: Session) -> list[str]:
        """Store what fired and was not stored before. Returns the ids of the new executions, which are due now."""
        wanted: dict[str, Firing] = {}
        for firing in await self._outside_rolling_periods(firings, session):
            wanted.setdefault(execution_id(firing.lead_id, firing.rule_id, firing.date_bucket), firing)
        if not wanted:
            return []
        cursor = self._units.find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=session)
        async for doc in cursor:
            del wanted[doc["_id"]]
        if wanted:
            documents = [_new(identity, firing, at) for identity, firing in wanted.items()]
            await self._units.insert_many(documents, session=session)
        return list(wanted)

    async def mark_causes(
        self, retracted: Mapping[int, bool], lead_ids: Collection[str], session: Session
    ) -> None:
        """Note at the executions that these events of the leads have caused whether their cause is retracted."""
        for value in (True, False):
            positions = [position for position, is_retracted in retracted.items() if is_retracted is value]
            if positions:
                query = {"leadId": {"$in": list(lead_ids)}, "causePosition": {"$in": positions}}
                change = {"$set": {"causeRetracted": value}}
                await self._units.update_many(query, change, session=session)

    async def _outside_rolling_periods(self, firings: Sequence[Firing], session: Session) -> Sequence[Firing]:
        """The firings without those in whose rolling period the same automation has fired for the lead already.

        Two workers cannot both miss what the other adds: the transaction also writes the lead, which only one of them can.
        """
        rolling = [firing for firing in firings if firing.rolling]
        if not rolling:
            return firings
        fired = {(firing.lead_id, firing.rule_id): list[str]() for firing in rolling}
        query = {"$or": [_in_period(firing) for firing in rolling]}
        async for doc in self._units.find(query, _FIRED, session=session):
            fired[doc["leadId"], doc["ruleId"]].append(doc["dateBucket"])
        kept = []
        for firing in firings:
            if firing.rolling:
                buckets = fired[firing.lead_id, firing.rule_id]
                low, high = _bounds(firing)
                if any(low < bucket < high and bucket != firing.date_bucket for bucket in buckets):
                    continue
                buckets.append(firing.date_bucket)
            kept.append(firing)
        return kept

    async def count_since(self, at: Millis) -> dict[str, int]:
        """How many executions were made since a moment, by rule."""
        stages: list[Document] = [
            {"$match": {"createdAt": {"$gte": to_bson(at)}}},
            {"$group": {"_id": "$ruleId", "count": {"$sum": 1}}},
        ]
        return {doc["_id"]: doc["count"] async for doc in await self._units.aggregate(stages)}

    async def page(
        self,
        *,
        lead_id: str | Sequence[str] | None,
        rule_id: str | None,
        state: ExecutionState | None,
        after: Keyset | None,
        limit: int,
    ) -> list[Execution]:
        """Executions, newest first; of a lead, or of all streams of one."""
        of = lead_id if lead_id is None or isinstance(lead_id, str) else {"$in": list(lead_id)}
        given = {"leadId": of, "ruleId": rule_id}
        query: Document = {
            **{field: value for field, value in given.items() if value is not None},
            **(_IN_STATE[state] if state else {}),
            **keyset.after("createdAt", after),
        }
        order = [("createdAt", -1), ("_id", 1)]
        index = order if lead_id is None else [("leadId", 1), *order]
        cursor = self._units.find(query).sort(order).hint(index).limit(limit)
        return [_read(doc) async for doc in cursor]


_FIRED = {"leadId": 1, "ruleId": 1, "dateBucket": 1}


def _bounds(firing: Firing) -> tuple[str, str]:
    """The moments between which, both left out, the automation may fire once only."""
    at, rolling = firing.occurred_at, firing.rolling
    return instant_bucket(max(0, at - rolling)), instant_bucket(at + rolling)


def _in_period(firing: Firing) -> Document:
    low, high = _bounds(firing)
    return {
        "leadId": firing.lead_id,
        "ruleId": firing.rule_id,
        "dateBucket": {"$gt": low, "$lt": high},
    }


def _new(identity: str, firing: Firing, at: Millis) -> Document:
    return {
        "_id": identity,
        "leadId": firing.lead_id,
        "ruleId": firing.rule_id,
        "dateBucket": firing.date_bucket,
        "causePosition": firing.cause_position,
        "action": firing.action,
        "facts": firing.facts,
        **new_unit(at),
    }


def _read(doc: Document) -> Execution:
    return Execution(
        **unit_fields(doc),
        rule_id=doc["ruleId"],
        date_bucket=doc["dateBucket"],
        cause_position=doc["causePosition"],
        action=doc["action"],
        facts=doc.get("facts", {}),
        cause_retracted=doc.get("causeRetracted", False),
    )

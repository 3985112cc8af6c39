"""Routing decisions and the clocks of pools in MongoDB: made in one transaction each, one after another per pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.instant import Millis
from domain.teams.fairness import Clock, Clocks
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["ROUTING_DECISIONS", "ROUTING_POOLS", "DecisionStore", "PoolState", "RoutingDecision", "applied"]

ROUTING_DECISIONS = CollectionSpec(
    "routingDecisions",
    Distribution.UNSHARDED,
    (
        IndexModel([("at", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("ownerId", ASCENDING), ("settled", ASCENDING)]),
    ),
    free_of_personal_data="ids of leads and of members of the workspace, names of rules, reasons about members",
)
ROUTING_POOLS = CollectionSpec(
    "routingPools",
    Distribution.UNSHARDED,
    free_of_personal_data="shares of members of the workspace, by pool",
)


class RoutingDecision(Struct, frozen=True, kw_only=True):
    """Who got a lead and why. `decision_id` is the id of the event that says so; `position` is its place in the log.

    `touched_at` is when the owner first contacted the lead, and `missed` whether that was not in time; both only for
    pools with a time for the first contact.
    """

    decision_id: str
    lead_id: str
    at: Millis
    owner_id: str
    rule: str
    pool: str
    why: tuple[str, ...]
    version: int
    position: int | None = None
    touched_at: Millis | None = None
    missed: bool = False


class PoolState(Struct, frozen=True):
    """The clocks of a pool, and the members who were not on leave when it was last looked at."""

    clocks: Clocks
    joined: frozenset[str]


class DecisionStore:
    """Stores decisions and pools, and knows which decisions their leads have not applied yet."""

    def __init__(self, database: Database) -> None:
        self._decisions = ROUTING_DECISIONS.of(database)
        self._pools = ROUTING_POOLS.of(database)

    async def find(self, decision_id: str, session: Session | None = None) -> RoutingDecision | None:
        """The decision, if it was made."""
        doc = await self._decisions.find_one({"_id": decision_id}, session=session)
        return None if doc is None else _decision(doc)

    async def lock_pool(self, pool: str, session: Session) -> PoolState:
        """The state of the pool, for a decision in this transaction: another one at the same time runs again."""
        doc = await self._pools.find_one_and_update(
            {"_id": pool}, {"$inc": {"decisions": 1}}, upsert=True, return_document=True, session=session
        )
        assert doc is not None  # it is inserted if there is none
        clocks = {one["rep"]: Clock(one["time"], one["lastAt"]) for one in doc.get("clocks", ())}
        return PoolState(clocks, frozenset(doc.get("joined", ())))

    async def write_pool(self, pool: str, state: PoolState, session: Session) -> None:
        """Store the state of a pool that this transaction has locked."""
        clocks = [
            {"rep": rep, "time": clock.time, "lastAt": clock.last_at} for rep, clock in state.clocks.items()
        ]
        await self._pools.update_one(
            {"_id": pool}, {"$set": {"clocks": clocks, "joined": sorted(state.joined)}}, session=session
        )

    async def add(self, decision: RoutingDecision, session: Session) -> None:
        """Store a decision that its lead has not applied."""
        await self._decisions.insert_one(
            {
                "_id": decision.decision_id,
                "leadId": decision.lead_id,
                "at": to_bson(decision.at),
                "ownerId": decision.owner_id,
                "rule": decision.rule,
                "pool": decision.pool,
                "why": list(decision.why),
                "version": decision.version,
                "position": None,
                "settled": False,
            },
            session=session,
        )

    async def record_position(self, decision_id: str, position: int) -> None:
        """Record the position of the event that carries the decision out."""
        await self._decisions.update_one({"_id": decision_id}, {"$set": {"position": position}})

    async def record_touch(self, decision_id: str, at: Millis) -> None:
        """Record when the owner first contacted the lead."""
        await self._decisions.update_one({"_id": decision_id}, {"$set": {"touchedAt": to_bson(at)}})

    async def record_miss(self, decision_id: str) -> None:
        """Record that nobody contacted the lead in time."""
        await self._decisions.update_one({"_id": decision_id}, {"$set": {"missed": True}})

    async def take_back(self, decision_id: str, session: Session) -> bool:
        """Mark the decision as taken back; False if it was before."""
        changed = await self._decisions.update_one(
            {"_id": decision_id, "takenBack": {"$ne": True}}, {"$set": {"takenBack": True}}, session=session
        )
        return changed.modified_count > 0

    async def unsettled(self, owner_ids: Iterable[str], session: Session) -> list[RoutingDecision]:
        """Decisions for these people that their leads may not have applied yet."""
        query = {"ownerId": {"$in": list(owner_ids)}, "settled": False}
        return [_decision(doc) async for doc in self._decisions.find(query, session=session)]

    async def settle(self, decision_ids: Iterable[str]) -> None:
        """These decisions have been applied by their leads, which count for their owners from here on."""
        if ids := list(decision_ids):
            await self._decisions.update_many({"_id": {"$in": ids}}, {"$set": {"settled": True}})

    async def page(self, after: Keyset | None, limit: int) -> list[RoutingDecision]:
        """Decisions, newest first."""
        cursor = self._decisions.find(keyset.after("at", after)).sort([("at", -1), ("_id", 1)]).limit(limit)
        return [_decision(doc) async for doc in cursor]


def applied(decisions: Iterable[RoutingDecision], positions: Mapping[str, AppliedPositions]) -> list[str]:
    """The decisions whose event its lead has applied."""
    return [
        one.decision_id
        for one in decisions
        if one.position is not None and positions.get(one.lead_id, NOTHING_APPLIED).includes(one.position)
    ]


def _decision(doc: Document) -> RoutingDecision:
    return RoutingDecision(
        decision_id=doc["_id"],
        lead_id=doc["leadId"],
        at=from_bson(doc["at"]),
        owner_id=doc["ownerId"],
        rule=doc["rule"],
        pool=doc["pool"],
        why=tuple(doc["why"]),
        version=doc["version"],
        position=doc["position"],
        touched_at=None if (touched := doc.get("touchedAt")) is None else from_bson(touched),
        missed=doc.get("missed", False),
    )

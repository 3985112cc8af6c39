"""Requests to route a lead: due work that is stored in the transaction of the lead, and waits while nobody is present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from domain.instant import Millis
from domain.teams.routing import route_event_id
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import OPEN, Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import IS_CLAIMABLE, due_index

__all__ = ["ROUTING", "ROUTING_REQUESTS", "RoutingRequest", "RoutingRequestStore"]

ROUTING = "routing"
"""The kind of due work that requests are."""

ROUTING_REQUESTS = CollectionSpec(
    "routingRequests",
    Distribution.BY_LEAD,
    (
        due_index(),
        IndexModel([("leadId", ASCENDING)]),
        IndexModel([("pool", ASCENDING), ("state", ASCENDING), ("createdAt", ASCENDING)]),
    ),
    free_of_personal_data="ids of leads that are to be routed, and names of pools",
)


class RoutingRequest(Unit, frozen=True, kw_only=True):
    """A lead that needs an owner. `pool` is where it waits, empty until it has been looked at.

    Those in `passed_over` had it before and do not get it again.
    """

    lead_id: str
    cause_position: int
    pool: str = ""
    passed_over: tuple[str, ...] = ()

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "routingRequestId": self.unit_id}


class RoutingRequestStore(WorkStore[RoutingRequest]):
    """Requests, at most one open at a time per lead."""

    def __init__(self, database: Database) -> None:
        super().__init__(ROUTING_REQUESTS.of(database), _read, name="routing request")

    async def add(
        self,
        causes: Mapping[str, int],
        at: Millis,
        session: Session | None = None,
        *,
        passed_over: Sequence[str] = (),
    ) -> list[str]:
        """Store a request per lead, with the position that caused it; none for a lead with an open one. Returns ids."""
        numbers = dict.fromkeys(causes, 1)
        cursor = self._units.find(
            {"leadId": {"$in": list(causes)}}, {"leadId": 1, "state": 1}, session=session
        )
        waiting = set()
        async for doc in cursor:
            numbers[doc["leadId"]] += 1
            if doc["state"] in OPEN:
                waiting.add(doc["leadId"])
        new = [
            {
                "_id": route_event_id(lead_id, numbers[lead_id]),
                "leadId": lead_id,
                "causePosition": position,
                "pool": "",
                "passedOver": list(passed_over),
                **new_unit(at),
            }
            for lead_id, position in causes.items()
            if lead_id not in waiting
        ]
        if new:
            await self._units.insert_many(new, session=session)
        return [str(one["_id"]) for one in new]

    async def wait_in(self, unit_id: str, pool: str) -> None:
        """Record in which pool the lead waits."""
        await self._units.update_one({"_id": unit_id}, {"$set": {"pool": pool}})

    async def oldest_before(self, request: RoutingRequest, pool: str, session: Session) -> str | None:
        """The request that has waited longest in the pool, if it has waited longer than this one."""
        older = {
            "pool": {"$eq": pool},
            "state": IS_CLAIMABLE,
            "createdAt": {"$lt": to_bson(request.created_at)},
        }
        doc = await self._units.find_one(older, {"_id": 1}, sort=[("createdAt", 1)], session=session)
        return None if doc is None else str(doc["_id"])

    async def hasten(self, unit_id: str, at: Millis) -> None:
        """Let a request that waits be looked at now."""
        await self._units.update_one(
            {"_id": unit_id, "state": IS_CLAIMABLE, "leasedUntil": None, "dueAt": {"$gt": to_bson(at)}},
            {"$set": {"dueAt": to_bson(at)}},
        )


def _read(doc: Document) -> RoutingRequest:
    return RoutingRequest(
        **unit_fields(doc),
        cause_position=doc["causePosition"],
        pool=doc.get("pool", ""),
        passed_over=tuple(doc.get("passedOver", ())),
    )

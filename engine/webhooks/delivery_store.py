"""Deliveries: written before anything is sent, and attempted until delivered or dead."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec
from engine.store.keyset import Keyset
from engine.store.mongo import DUPLICATE_KEY, Database, Document
from engine.webhooks.delivery import Delivery, DeliveryState, Ending
from engine.webhooks.delivery_document import ending_fields, new_document, read_delivery
from engine.webhooks.message import Message

__all__ = ["MAX_ATTEMPTS", "WEBHOOK_DELIVERIES", "DeliveryStore"]

WEBHOOK_DELIVERIES = CollectionSpec(
    "webhookDeliveries",
    (
        IndexModel([("state", ASCENDING), ("dueAt", ASCENDING)]),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("endpointId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("endpointId", ASCENDING), ("state", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]
        ),
    ),
)

MAX_ATTEMPTS = 100
"""Attempts after which a delivery is not replayed again, so that its document stays small."""

_FORGOTTEN_AT_A_TIME = 500

_WAITING = {"$in": ["pending", "failed"]}


class DeliveryStore:
    """Deliveries and their attempts."""

    def __init__(self, database: Database) -> None:
        self._deliveries = WEBHOOK_DELIVERIES.of(database)

    async def add(self, message: Message, endpoint_ids: Iterable[str], at: Millis) -> list[str]:
        """One delivery for each endpoint, due now; one that is stored already stays as it is. Returns their ids."""
        rows = [new_document(message, endpoint_id, at) for endpoint_id in endpoint_ids]
        try:
            if rows:
                await self._deliveries.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                raise
        return [str(row["_id"]) for row in rows]

    async def claim(self, at: Millis, lease: Millis, passing_over: Collection[str]) -> Delivery | None:
        """Begin an attempt of the delivery that has waited longest, but of none to the endpoints passed over.

        It is due again when the lease ends without an ending, because its worker was killed.
        """
        until = to_bson(at + lease)
        query: Document = {"state": _WAITING, "dueAt": {"$lte": to_bson(at)}}
        if passing_over:
            query["endpointId"] = {"$nin": list(passing_over)}
        doc = await self._deliveries.find_one_and_update(
            query,
            {
                "$set": {"dueAt": until, "leasedUntil": until},
                "$inc": {"tries": 1},
                "$push": {"attempts": {"at": to_bson(at)}},
            },
            sort=[("dueAt", 1)],
            return_document=True,
        )
        return read_delivery(doc) if doc else None

    async def finish(
        self, delivery: Delivery, state: DeliveryState, ending: Ending, due_at: Millis | None = None
    ) -> None:
        """End the newest attempt of a claimed delivery, unless another attempt has taken over meanwhile."""
        number = len(delivery.attempts)
        ended = {f"attempts.{number - 1}.{name}": value for name, value in ending_fields(ending).items()}
        due = {} if due_at is None else {"dueAt": to_bson(due_at)}
        await self._deliveries.update_one(
            {"_id": delivery.delivery_id, "attempts": {"$size": number}},
            {"$set": {"state": state, **due, **ended}, "$unset": {"leasedUntil": ""}},
        )

    async def replay(self, identity: str, at: Millis) -> Delivery:
        """Make a delivery due now, from the beginning of the schedule.

        Raises `NotFound`, and `Conflict` while it is being sent or when it has been attempted too often.
        """
        doc = await self._deliveries.find_one_and_update(
            {
                "_id": identity,
                "$or": [{"leasedUntil": None}, {"leasedUntil": {"$lte": to_bson(at)}}],
                f"attempts.{MAX_ATTEMPTS - 1}": {"$exists": False},
            },
            {"$set": {"state": "pending", "tries": 0, "dueAt": to_bson(at)}, "$unset": {"leasedUntil": ""}},
            return_document=True,
        )
        if doc is not None:
            return read_delivery(doc)
        found = await self.get(identity)
        if len(found.attempts) >= MAX_ATTEMPTS:
            raise Conflict(f"This delivery was attempted {len(found.attempts)} times; it is not sent again.")
        raise Conflict("This delivery is being sent at this moment.")

    async def get(self, identity: str) -> Delivery:
        """The delivery. Raises `NotFound`."""
        doc = await self._deliveries.find_one({"_id": identity})
        if doc is None:
            raise NotFound("webhook delivery", identity)
        return read_delivery(doc)

    async def are_due(self, at: Millis) -> bool:
        """Whether any delivery waits to be attempted now."""
        query = {"state": _WAITING, "dueAt": {"$lte": to_bson(at)}}
        return await self._deliveries.find_one(query, {"_id": 1}) is not None

    async def any_delivered_since(self, endpoint_id: str, at: Millis) -> bool:
        """Whether the endpoint took a message that is younger than `at`."""
        query = {"endpointId": endpoint_id, "state": "delivered", "createdAt": {"$gt": to_bson(at)}}
        return await self._deliveries.find_one(query, {"_id": 1}) is not None

    async def has_answers(self, lead_id: str) -> bool:
        """Whether anything is stored that receivers have answered about a lead."""
        return await self._deliveries.find_one(_answered(lead_id), {"_id": 1}) is not None

    async def forget_answers(self, lead_id: str) -> int:
        """Empty what receivers have answered about a lead: nobody knows what they quote. Returns in how many deliveries.

        Some at a time, because there may be more than one transaction could hold. When it fails, the next call goes on.
        """
        forgotten = 0
        answered = self._deliveries.find(_answered(lead_id), {"_id": 1})
        while some := await answered.to_list(_FORGOTTEN_AT_A_TIME):
            result = await self._deliveries.update_many(
                {"_id": {"$in": [doc["_id"] for doc in some]}},
                {"$set": {"attempts.$[said].answer": ""}},
                array_filters=[{"said.answer": {"$gt": ""}}],
            )
            forgotten += result.modified_count
        return forgotten

    async def about_lead(self, lead_id: str, *, after: Keyset | None, limit: int) -> list[Delivery]:
        """The deliveries about a lead to whichever endpoint, newest first."""
        query: Document = {"leadId": lead_id, **keyset.after("createdAt", after)}
        cursor = self._deliveries.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [read_delivery(doc) async for doc in cursor]

    async def page(
        self,
        endpoint_id: str,
        *,
        state: DeliveryState | None,
        after: Keyset | None,
        limit: int,
    ) -> list[Delivery]:
        """The deliveries to an endpoint, newest first."""
        query: Document = {
            "endpointId": endpoint_id,
            **({} if state is None else {"state": state}),
            **keyset.after("createdAt", after),
        }
        cursor = self._deliveries.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [read_delivery(doc) async for doc in cursor]


def _answered(lead_id: str) -> Document:
    return {"leadId": lead_id, "attempts.answer": {"$gt": ""}}

"""Webhook deliveries: due work that is stored before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from domain.instant import Millis
from engine.process.clock import to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import DUPLICATE_KEY, Database, Document
from engine.webhooks.delivery import UNIT_STATES, Delivery, DeliveryState, delivery_id
from engine.webhooks.message import Message
from engine.work.store import WorkStore
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["WEBHOOK_DELIVERIES", "DeliveryStore"]

_ENDPOINT = "endpointId"

WEBHOOK_DELIVERIES = CollectionSpec(
    "webhookDeliveries",
    Distribution.BY_LEAD,
    (
        due_index(_ENDPOINT),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([(_ENDPOINT, ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [(_ENDPOINT, ASCENDING), ("state", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]
        ),
    ),
    superseded_indexes=("state_1_dueAt_1",),
)

_BLANKED_AT_A_TIME = 500


class DeliveryStore(WorkStore[Delivery]):
    """Deliveries, one per message and endpoint."""

    def __init__(self, database: Database) -> None:
        super().__init__(WEBHOOK_DELIVERIES.of(database), _read, name="webhook delivery", key=_ENDPOINT)

    async def add(self, message: Message, endpoint_ids: Iterable[str], at: Millis) -> list[str]:
        """One delivery per endpoint, due now; one that is stored already stays as it is. Returns their ids."""
        rows = [_new(message, endpoint_id, at) for endpoint_id in endpoint_ids]
        try:
            if rows:
                await self._units.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                raise
        return [str(row["_id"]) for row in rows]

    async def any_delivered_since(self, endpoint_id: str, at: Millis) -> bool:
        """Whether a message younger than `at` was delivered to the endpoint."""
        query = {_ENDPOINT: endpoint_id, "state": "done", "createdAt": {"$gt": to_bson(at)}}
        return await self._units.find_one(query, {"_id": 1}) is not None

    async def has_answers(self, lead_id: str) -> bool:
        """Whether answers of receivers about a lead are stored."""
        return await self._units.find_one(_answered(lead_id), {"_id": 1}) is not None

    async def forget_answers(self, lead_id: str) -> int:
        """Blank what receivers answered about a lead, for they may quote it. Returns the number of deliveries changed.

        Works in batches, because one transaction could not hold them all. After a failure the next call goes on.
        """
        forgotten = 0
        answered = self._units.find(_answered(lead_id), {"_id": 1})
        while some := await answered.to_list(_BLANKED_AT_A_TIME):
            result = await self._units.update_many(
                {"_id": {"$in": [doc["_id"] for doc in some]}},
                {"$set": {"attempts.$[said].answer": ""}},
                array_filters=[{"said.answer": {"$gt": ""}}],
            )
            forgotten += result.modified_count
        return forgotten

    async def about_lead(self, lead_id: str, *, after: Keyset | None, limit: int) -> list[Delivery]:
        """The deliveries about a lead to all endpoints, newest first."""
        query: Document = {"leadId": lead_id, **keyset.after("createdAt", after)}
        cursor = self._units.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

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
            _ENDPOINT: endpoint_id,
            **({} if state is None else {"state": UNIT_STATES[state]}),
            **keyset.after("createdAt", after),
        }
        cursor = self._units.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]


def _answered(lead_id: str) -> Document:
    return {"leadId": lead_id, "attempts.answer": {"$gt": ""}}


def _new(message: Message, endpoint_id: str, at: Millis) -> Document:
    return {
        "_id": delivery_id(message.key, endpoint_id),
        _ENDPOINT: endpoint_id,
        "event": message.event,
        "leadId": message.lead_id,
        "executionId": message.execution_id,
        "body": message.body,
        **new_unit(at),
    }


def _read(doc: Document) -> Delivery:
    return Delivery(
        **unit_fields(doc),
        endpoint_id=doc[_ENDPOINT],
        event=doc["event"],
        execution_id=doc["executionId"],
        body=doc["body"],
    )

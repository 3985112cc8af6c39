"""Deliveries as MongoDB holds them."""

from __future__ import annotations

from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.mongo import Document
from engine.webhooks.delivery import Attempt, Delivery, Ending, delivery_id
from engine.webhooks.message import Message

__all__ = ["ending_fields", "new_document", "read_delivery"]


def new_document(message: Message, endpoint_id: str, at: Millis) -> Document:
    """A delivery that nobody has attempted."""
    return {
        "_id": delivery_id(message.key, endpoint_id),
        "endpointId": endpoint_id,
        "event": message.event,
        "leadId": message.lead_id,
        "executionId": message.execution_id,
        "body": message.body,
        "state": "pending",
        "tries": 0,
        "attempts": [],
        "createdAt": to_bson(at),
        "dueAt": to_bson(at),
    }


def ending_fields(ending: Ending) -> Document:
    """What an attempt has once it has ended."""
    return {
        "outcome": ending.outcome,
        "statusCode": ending.status_code,
        "durationMs": ending.duration_ms,
        "detail": ending.detail,
        "answer": ending.answer,
    }


def _attempt(number: int, doc: Document) -> Attempt:
    ending = None
    if "outcome" in doc:
        ending = Ending(
            outcome=doc["outcome"],
            status_code=doc["statusCode"],
            duration_ms=doc["durationMs"],
            detail=doc["detail"],
            answer=doc["answer"],
        )
    return Attempt(number=number, at=from_bson(doc["at"]), ending=ending)


def read_delivery(doc: Document) -> Delivery:
    """The delivery in a document."""
    return Delivery(
        delivery_id=doc["_id"],
        endpoint_id=doc["endpointId"],
        event=doc["event"],
        lead_id=doc["leadId"],
        execution_id=doc["executionId"],
        body=doc["body"],
        state=doc["state"],
        tries=doc["tries"],
        attempts=tuple(_attempt(number, one) for number, one in enumerate(doc["attempts"], 1)),
        created_at=from_bson(doc["createdAt"]),
        due_at=from_bson(doc["dueAt"]),
    )

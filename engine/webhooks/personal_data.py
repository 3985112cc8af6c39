"""The personal data in webhook deliveries: their export, and the erasure of the answers of receivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.webhooks.delivery import Delivery
from engine.webhooks.delivery_store import WEBHOOK_DELIVERIES, DeliveryStore
from engine.work.unit import CLAIMABLE, Attempt

__all__ = ["DeliveryData"]

_PAGE = 200
_ANSWERS = "webhookAnswers"


class DeliveryData(PersonalDataStore):
    """The registration of deliveries. Answers of receivers are erased: nobody knows what they quote."""

    collections = (WEBHOOK_DELIVERIES,)

    def __init__(self, deliveries: DeliveryStore) -> None:
        self._deliveries = deliveries

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_ANSWERS: await self._deliveries.has_answers(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {_ANSWERS: await self._deliveries.forget_answers(lead_id)}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"deliveries": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        after = None
        while page := await self._deliveries.about_lead(lead_id, after=after, limit=_PAGE):
            for delivery in page:
                yield _record(delivery)
            after = (page[-1].created_at, page[-1].unit_id)


def _record(delivery: Delivery) -> Record:
    return {
        "id": delivery.unit_id,
        "endpointId": delivery.endpoint_id,
        "eventType": delivery.event,
        "leadId": delivery.lead_id,
        "executionId": delivery.execution_id,
        "state": delivery.delivery_state,
        "payload": delivery.body.decode(),
        "attempts": [_attempt_record(attempt) for attempt in delivery.attempts],
        "createdAt": to_datetime(delivery.created_at),
        "dueAt": to_datetime(delivery.due_at) if delivery.state in CLAIMABLE else None,
    }


def _attempt_record(attempt: Attempt) -> Record:
    return {
        "number": attempt.number,
        "at": to_datetime(attempt.at),
        "outcome": "delivered" if attempt.outcome == "done" else attempt.outcome,
        "statusCode": attempt.status_code,
        "durationMs": attempt.duration_ms,
        "detail": attempt.detail,
        "answer": attempt.answer,
    }

"""What exports show of webhook deliveries about a lead, and what an erasure empties of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.webhooks.delivery import Attempt, Delivery, Ending
from engine.webhooks.delivery_store import WEBHOOK_DELIVERIES, DeliveryStore

__all__ = ["DeliveryData"]

_PAGE = 200
_ANSWERS = "webhookAnswers"
_NO_ENDING = Ending(outcome="failed")


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
            after = (page[-1].created_at, page[-1].delivery_id)


def _record(delivery: Delivery) -> Record:
    is_waiting = delivery.state in ("pending", "failed")
    return {
        "id": delivery.delivery_id,
        "endpointId": delivery.endpoint_id,
        "eventType": delivery.event,
        "leadId": delivery.lead_id,
        "executionId": delivery.execution_id,
        "state": delivery.state,
        "payload": delivery.body.decode(),
        "attempts": [_attempt_record(attempt) for attempt in delivery.attempts],
        "createdAt": to_datetime(delivery.created_at),
        "dueAt": to_datetime(delivery.due_at) if is_waiting else None,
    }


def _attempt_record(attempt: Attempt) -> Record:
    ending = attempt.ending or _NO_ENDING
    return {
        "number": attempt.number,
        "at": to_datetime(attempt.at),
        "outcome": attempt.ending.outcome if attempt.ending else None,
        "statusCode": ending.status_code,
        "durationMs": ending.duration_ms,
        "detail": ending.detail,
        "answer": ending.answer,
    }

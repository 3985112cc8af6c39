"""Webhook endpoints and deliveries as answers. A secret is in exactly one of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from domain.instant import Millis, to_datetime
from engine.webhooks.delivery import Attempt, Delivery
from engine.webhooks.endpoint import Endpoint

__all__ = [
    "DeliveriesPage",
    "DeliveryAnswer",
    "EndpointAnswer",
    "EndpointWithSecret",
    "EndpointsPage",
    "delivery_answer",
    "endpoint_answer",
    "endpoint_with_secret",
]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class EndpointAnswer(_Answer, frozen=True):
    """An endpoint; `oldSecretsExpireAt` is when the last secret before the present one ends."""

    id: str
    url: str
    description: str
    event_types: list[str]
    state: str
    reason: str | None
    created_at: datetime
    old_secrets_expire_at: datetime | None


class EndpointWithSecret(EndpointAnswer, frozen=True):
    """An endpoint with its new secret, which is shown only this once."""

    secret: str


class EndpointsPage(_Answer, frozen=True):
    items: list[EndpointAnswer]
    next_cursor: str | None


class AttemptAnswer(_Answer, frozen=True):
    """One attempt; without an outcome it is under way, or its worker was killed."""

    number: int
    at: datetime
    outcome: str | None
    status_code: int | None
    duration_ms: int | None
    detail: str
    answer: str


class DeliveryAnswer(_Answer, frozen=True):
    """A message on its way to an endpoint. `id` is its `webhook-id`, `payload` the very text that is signed."""

    id: str
    endpoint_id: str
    event_type: str
    lead_id: str | None
    execution_id: str | None
    state: str
    payload: str
    attempts: list[AttemptAnswer]
    created_at: datetime
    due_at: datetime | None


class DeliveriesPage(_Answer, frozen=True):
    items: list[DeliveryAnswer]
    next_cursor: str | None


def endpoint_answer(endpoint: Endpoint, at: Millis) -> EndpointAnswer:
    ends = [one.expires_at for one in endpoint.secrets if one.expires_at is not None and one.is_valid(at)]
    return EndpointAnswer(
        id=endpoint.endpoint_id,
        url=endpoint.url,
        description=endpoint.description,
        event_types=list(endpoint.event_types),
        state=endpoint.state,
        reason=endpoint.reason,
        created_at=to_datetime(endpoint.created_at),
        old_secrets_expire_at=to_datetime(max(ends)) if ends else None,
    )


def endpoint_with_secret(endpoint: Endpoint, at: Millis) -> EndpointWithSecret:
    shown = structs.asdict(endpoint_answer(endpoint, at))
    return EndpointWithSecret(**shown, secret=endpoint.secrets[0].value)


def delivery_answer(delivery: Delivery) -> DeliveryAnswer:
    waits = delivery.state in ("pending", "failed")
    return DeliveryAnswer(
        id=delivery.delivery_id,
        endpoint_id=delivery.endpoint_id,
        event_type=delivery.event,
        lead_id=delivery.lead_id,
        execution_id=delivery.execution_id,
        state=delivery.state,
        payload=delivery.body.decode(),
        attempts=[_attempt(one) for one in delivery.attempts],
        created_at=to_datetime(delivery.created_at),
        due_at=to_datetime(delivery.due_at) if waits else None,
    )


def _attempt(attempt: Attempt) -> AttemptAnswer:
    ending = attempt.ending
    return AttemptAnswer(
        number=attempt.number,
        at=to_datetime(attempt.at),
        outcome=ending.outcome if ending else None,
        status_code=ending.status_code if ending else None,
        duration_ms=ending.duration_ms if ending else None,
        detail=ending.detail if ending else "",
        answer=ending.answer if ending else "",
    )

"""Response bodies of webhook endpoints and deliveries. Only one of them contains a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import structs

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.instant import Millis, to_datetime
from engine.access.rotating_secret import last_expiry
from engine.webhooks.delivery import Delivery
from engine.webhooks.endpoint import Endpoint
from engine.work.unit import CLAIMABLE, Attempt

__all__ = [
    "DeliveriesPage",
    "DeliveryView",
    "EndpointView",
    "EndpointWithSecretView",
    "EndpointsPage",
    "delivery_view",
    "endpoint_view",
    "endpoint_with_secret_view",
]


class EndpointView(View, frozen=True):
    """An endpoint; `oldSecretsExpireAt` is when the last secret before the present one ends."""

    id: str
    url: str
    description: str
    event_types: list[str]
    state: str
    reason: str | None
    created_at: datetime
    old_secrets_expire_at: datetime | None


class EndpointWithSecretView(EndpointView, frozen=True):
    """An endpoint with its new secret, which is shown only this once."""

    secret: str


EndpointsPage = Annotated[Page[EndpointView], component("EndpointsPage")]


class DeliveryAttemptView(View, frozen=True):
    """One attempt; without an outcome it is in flight, or its worker was killed."""

    number: int
    at: datetime
    outcome: str | None
    status_code: int | None
    duration_ms: int | None
    detail: str
    answer: str


class DeliveryView(View, frozen=True):
    """A message to an endpoint. `id` is its `webhook-id`, `payload` exactly the text that is signed."""

    id: str
    endpoint_id: str
    event_type: str
    lead_id: str | None
    execution_id: str | None
    state: str
    payload: str
    attempts: list[DeliveryAttemptView]
    created_at: datetime
    due_at: datetime | None


DeliveriesPage = Annotated[Page[DeliveryView], component("DeliveriesPage")]


def endpoint_view(endpoint: Endpoint, at: Millis) -> EndpointView:
    return EndpointView(
        id=endpoint.endpoint_id,
        url=endpoint.url,
        description=endpoint.description,
        event_types=list(endpoint.event_types),
        state=endpoint.state,
        reason=endpoint.reason,
        created_at=to_datetime(endpoint.created_at),
        old_secrets_expire_at=optional_datetime(last_expiry(endpoint.secrets, at)),
    )


def endpoint_with_secret_view(endpoint: Endpoint, at: Millis) -> EndpointWithSecretView:
    shown = structs.asdict(endpoint_view(endpoint, at))
    return EndpointWithSecretView(**shown, secret=endpoint.secrets[0].value)


def delivery_view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.unit_id,
        endpoint_id=delivery.endpoint_id,
        event_type=delivery.event,
        lead_id=delivery.lead_id,
        execution_id=delivery.execution_id,
        state=delivery.delivery_state,
        payload=delivery.body.decode(),
        attempts=[_attempt(one) for one in delivery.attempts],
        created_at=to_datetime(delivery.created_at),
        due_at=to_datetime(delivery.due_at) if delivery.state in CLAIMABLE else None,
    )


def _attempt(attempt: Attempt) -> DeliveryAttemptView:
    return DeliveryAttemptView(
        number=attempt.number,
        at=to_datetime(attempt.at),
        outcome="delivered" if attempt.outcome == "done" else attempt.outcome,
        status_code=attempt.status_code,
        duration_ms=attempt.duration_ms,
        detail=attempt.detail,
        answer=attempt.answer,
    )

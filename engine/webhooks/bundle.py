"""The webhook bundle: endpoints, deliveries, and the guarded sender."""

from __future__ import annotations

from dataclasses import dataclass

from engine.settings.outreach.webhooks import WebhookSettings
from engine.store.bound_documents import BoundDocuments
from engine.store.mongo import Database
from engine.webhooks.delivery_store import DeliveryStore
from engine.webhooks.egress_policy import EgressPolicy
from engine.webhooks.endpoint_store import EndpointStore
from engine.webhooks.sender import Sender

__all__ = ["Webhooks", "open_webhooks"]


@dataclass(frozen=True)
class Webhooks:
    """Endpoints, deliveries, the egress policy and the sender that is bound to it."""

    endpoints: EndpointStore
    deliveries: DeliveryStore
    egress_policy: EgressPolicy
    sender: Sender


def open_webhooks(settings: WebhookSettings, database: Database, documents: BoundDocuments) -> Webhooks:
    """Wire the parts; nothing stays open. Raises `Invalid` for settings that cannot work."""
    policy = EgressPolicy(
        allow_http=settings.webhook_allow_http, allowed_hosts=settings.webhook_allowed_hosts
    )
    sender = Sender(policy, settings.webhook_timeout_seconds)
    return Webhooks(EndpointStore(documents), DeliveryStore(database), policy, sender)

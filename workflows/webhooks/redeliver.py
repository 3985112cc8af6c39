"""Deliveries that a person asks for: a test message, and another delivery of an old message."""

from __future__ import annotations

import uuid

from domain.errors import Conflict
from engine.runtime import Runtime
from engine.webhooks.delivery import WEBHOOK, Delivery
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.message import test_message

__all__ = ["redeliver", "send_test"]


async def send_test(runtime: Runtime, endpoint_id: str) -> Delivery:
    """Send a test message, whatever the endpoint listens to. Raises `NotFound`, and `Conflict` if it is disabled."""
    _require_enabled(await runtime.webhooks.endpoints.get(endpoint_id))
    deliveries, at = runtime.webhooks.deliveries, runtime.now()
    (identity,) = await deliveries.add(test_message(uuid.uuid4().hex, at), [endpoint_id], at)
    await runtime.work.wake_ups.announce(WEBHOOK)
    return await deliveries.get(identity)


async def redeliver(runtime: Runtime, identity: str) -> Delivery:
    """Send a delivery again under its own id, from the beginning of the schedule.

    Raises `NotFound` for a delivery or endpoint that is gone, `Conflict` if the endpoint is disabled or the message is
    under way.
    """
    delivery = await runtime.webhooks.deliveries.get(identity)
    _require_enabled(await runtime.webhooks.endpoints.get(delivery.endpoint_id))
    restarted = await runtime.webhooks.deliveries.restart(identity, runtime.now())
    await runtime.work.wake_ups.announce(WEBHOOK)
    return restarted


def _require_enabled(endpoint: Endpoint) -> None:
    if endpoint.state == "disabled":
        raise Conflict(f"The endpoint is disabled and gets no messages: {endpoint.reason} Enable it first.")

"""Messages that a person asks for: a test, and one more attempt at a delivery."""

from __future__ import annotations

import logging
import uuid

from domain.errors import Conflict, Unavailable
from engine.runtime import Runtime
from engine.webhooks.delivery import Delivery
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.message import test_message

__all__ = ["replay_delivery", "send_test"]

_log = logging.getLogger(__name__)


async def send_test(runtime: Runtime, endpoint_id: str) -> Delivery:
    """Send a test message, whatever the endpoint listens to. Raises `NotFound`, and `Conflict` if it is disabled."""
    _check(await runtime.webhooks.endpoints.get(endpoint_id))
    deliveries, at = runtime.webhooks.deliveries, runtime.now()
    (identity,) = await deliveries.add(test_message(uuid.uuid4().hex, at), [endpoint_id], at)
    await _ring(runtime)
    return await deliveries.get(identity)


async def replay_delivery(runtime: Runtime, identity: str) -> Delivery:
    """Send a delivery again under its own id, from the beginning of the schedule.

    Raises `NotFound` for a delivery or endpoint that is gone, `Conflict` if the endpoint is disabled or the message
    is being sent.
    """
    delivery = await runtime.webhooks.deliveries.get(identity)
    _check(await runtime.webhooks.endpoints.get(delivery.endpoint_id))
    replayed = await runtime.webhooks.deliveries.replay(identity, runtime.now())
    await _ring(runtime)
    return replayed


def _check(endpoint: Endpoint) -> None:
    if endpoint.state == "disabled":
        raise Conflict(f"The endpoint is disabled and gets no messages: {endpoint.reason} Enable it first.")


async def _ring(runtime: Runtime) -> None:
    try:
        await runtime.work_queue.enqueue_deliveries()
    except Unavailable as error:
        _log.warning("A webhook waits for the scheduler: %s", error)
